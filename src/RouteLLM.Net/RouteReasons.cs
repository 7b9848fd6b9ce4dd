namespace RouteLLM;

/// <summary>The reasons the library's own policies give for a decision.</summary>
public static class RouteReasons
{
    /// <summary>The win probability was compared with the threshold.</summary>
    public const string Threshold = "threshold";

    /// <summary>The caller named the route or its model.</summary>
    public const string Pinned = "pinned";

    /// <summary>Provider-side state (a conversation id or a continuation token) belongs to the route that made it.</summary>
    public const string ProviderState = "provider-state";

    /// <summary>Tool results go back to the route that called the tools.</summary>
    public const string ToolResult = "tool-result";

    /// <summary>The conversation stays on the route that answered it before.</summary>
    public const string Conversation = "conversation";

    /// <summary>The predicted quality less the expected cost was the highest there.</summary>
    public const string BestValue = "best-value";

    /// <summary>It is the cheapest route that reaches the wanted quality.</summary>
    public const string CheapestAbove = "cheapest-above";

    /// <summary>A rule names the route.</summary>
    public const string Rule = "rule";

    /// <summary>Constraints left one route, so that nothing was to be decided.</summary>
    public const string OnlyCandidate = "only-candidate";

    /// <summary>The request has no text to score.</summary>
    public const string NoText = "no-text";

    /// <summary>The router threw, or answered with a number that is no probability.</summary>
    public const string RouterFailed = "router-failed";

    /// <summary>The router exceeded its time limit.</summary>
    public const string RouterTimedOut = "router-timed-out";
}
