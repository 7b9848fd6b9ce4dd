namespace RouteLLM.Diagnostics;

/// <summary>How requests ended, as metrics and logs write it.</summary>
internal static class StatusNames
{
    /// <summary>There was no decision.</summary>
    public const string Undecided = "undecided";

    public static string Of(RouteAttemptStatus status) => status switch
    {
        RouteAttemptStatus.Answered => "answered",
        RouteAttemptStatus.AnsweredFromCache => "answered_from_cache",
        RouteAttemptStatus.Failed => "failed",
        RouteAttemptStatus.Cancelled => "cancelled",
        _ => "not_called",
    };
}
