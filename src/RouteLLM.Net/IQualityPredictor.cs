namespace RouteLLM;

/// <summary>Predicts, for one request, how good each of several models' answers would be.</summary>
/// <remarks>
/// Quality is in [0, 1]: a mean score, or the mean over the other models of P(win) + P(tie) / 2. Implementations must be thread-safe.
/// </remarks>
public interface IQualityPredictor
{
    /// <summary>Gets the names of the models, in the order of the predictions.</summary>
    IReadOnlyList<string> Models { get; }

    /// <summary>Predicts the quality of each model's answer.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the prediction.</param>
    /// <returns>One quality in [0, 1] per model, in the order of <see cref="Models"/>.</returns>
    ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default);
}
