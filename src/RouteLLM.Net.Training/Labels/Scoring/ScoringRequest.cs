namespace RouteLLM.Training;

/// <summary>An answer to score.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Response">The answer to score.</param>
public sealed record ScoringRequest(string Prompt, string Response)
{
    /// <summary>Gets the answer of another model to score against, or <see langword="null"/>; needed by a pairwise scorer.</summary>
    public string? Rival { get; init; }

    /// <summary>Gets an answer that is known to be right, or <see langword="null"/>.</summary>
    public string? Reference { get; init; }

    internal string RequireRival(string scorer) =>
        Rival ?? throw new ArgumentException($"The scorer '{scorer}' compares two answers; set {nameof(Rival)}.");

    internal string RequireReference(string scorer) =>
        Reference ?? throw new ArgumentException($"The scorer '{scorer}' compares an answer with the right one; set {nameof(Reference)}.");
}
