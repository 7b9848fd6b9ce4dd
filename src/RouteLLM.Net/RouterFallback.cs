namespace RouteLLM;

/// <summary>Where a request goes when no win probability can be had: the router failed or timed out, or there is no text to score.</summary>
public enum RouterFallback
{
    /// <summary>To the strong model, which errs on the side of quality (the default).</summary>
    Strong,

    /// <summary>To the weak model, which errs on the side of cost.</summary>
    Weak,
}
