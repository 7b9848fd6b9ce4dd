namespace RouteLLM.Tests.Baselines;

internal static class RouterTestExtensions
{
    /// <summary>Scores under the test's own cancellation token.</summary>
    public static Task<double> ScoreAsync(this IRouter router, string prompt) => router.ScoreAsync(new RouteRequest(prompt));

    /// <summary>Scores under the test's own cancellation token.</summary>
    public static Task<double> ScoreAsync(this IRouter router, RouteRequest request) =>
        router.PredictWinProbabilityAsync(request, TestContext.Current.CancellationToken).AsTask();
}
