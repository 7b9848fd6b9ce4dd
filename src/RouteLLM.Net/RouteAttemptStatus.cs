namespace RouteLLM;

/// <summary>How an attempt ended.</summary>
public enum RouteAttemptStatus
{
    /// <summary>The route was not called after all.</summary>
    NotCalled,

    /// <summary>The route answered in full.</summary>
    Answered,

    /// <summary>The route's middleware answered without calling the model, as a cache does.</summary>
    AnsweredFromCache,

    /// <summary>It failed, before or after its first output.</summary>
    Failed,

    /// <summary>The caller cancelled it, or stopped reading its stream.</summary>
    Cancelled,
}
