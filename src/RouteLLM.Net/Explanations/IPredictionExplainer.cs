namespace RouteLLM;

/// <summary>A router that can say what in a prompt made its score; ask any router with <see cref="IRouter.GetService"/>, or use <see cref="RouterExtensions.Explain"/>.</summary>
/// <remarks>
/// A wrapper around a router hands out the explainer of what it wraps, as it does with any service. One that changes predictions should answer for this type itself, be it with <see langword="null"/>:
/// else it would explain a score that is not its own.
/// </remarks>
public interface IPredictionExplainer
{
    /// <summary>Explains the prediction for a prompt.</summary>
    /// <param name="prompt">The prompt's text.</param>
    /// <returns>The score, and what each feature and each word added to it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prompt"/> is <see langword="null"/>.</exception>
    PredictionExplanation Explain(string prompt);
}
