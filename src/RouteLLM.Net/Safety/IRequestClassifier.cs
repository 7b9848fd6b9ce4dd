namespace RouteLLM;

/// <summary>Finds in a request what bears on where it may go: personal data, attempts to inject instructions.</summary>
/// <remarks>Implementations must be thread-safe. <see cref="RequestClassifier.GetTexts"/> gives all text that a provider would see.</remarks>
public interface IRequestClassifier
{
    /// <summary>Gets the classifier's name.</summary>
    string Name { get; }

    /// <summary>Looks at a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the look, as when its time is up.</param>
    /// <returns>What was found; empty for nothing.</returns>
    ValueTask<IReadOnlyList<RequestSignal>> ClassifyAsync(RouteRequest request, CancellationToken cancellationToken = default);
}
