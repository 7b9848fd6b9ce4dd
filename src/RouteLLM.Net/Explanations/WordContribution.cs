namespace RouteLLM;

/// <summary>What one word of a prompt added to a score, by all the features it is part of.</summary>
/// <param name="Span">Where the word stands in the prompt; a digit, a punctuation mark and a character of a script without spaces are words of their own.</param>
/// <param name="Weight">What it added to the score, in logits: positive if it spoke for the strong model, negative if for the weak one.</param>
public readonly record struct WordContribution(TextSpan Span, double Weight);
