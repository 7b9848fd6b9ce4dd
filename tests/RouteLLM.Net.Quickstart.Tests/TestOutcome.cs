namespace RouteLLM.Quickstart.Tests;

internal static class TestOutcome
{
    public static RouteOutcome Create(string route, double probability = 0.5, double threshold = 0.4, TimeSpan decisionTime = default, params RouteAttempt[] failed) => new()
    {
        Route = route,
        Reason = RouteReasons.Threshold,
        Router = "builtin",
        WinProbability = probability,
        Threshold = threshold,
        DecisionTime = decisionTime,
        Attempts = [.. failed, new RouteAttempt(route, null, null)],
    };
}
