namespace RouteLLM.Evaluation;

/// <summary>How many tokens a model's answer took.</summary>
/// <param name="Input">The tokens of the prompt, cached ones included.</param>
/// <param name="Output">The tokens of the answer, reasoning included.</param>
/// <param name="CachedInput">How many of the <paramref name="Input"/> tokens were read from the provider's prompt cache; 0 by default.</param>
public readonly record struct TokenUsage(long Input, long Output, long CachedInput = 0);
