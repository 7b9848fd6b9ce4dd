using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

/// <summary>Makes records of requests that are over, as a client with a strong and a weak route would.</summary>
internal static class RecordFactory
{
    public static readonly ModelRoute Strong = new("strong", TestChatClient.Answering("s")) { Profile = new() { Price = new TokenPrice(10, 10) } };
    public static readonly ModelRoute Weak = new("weak", TestChatClient.Answering("w")) { Profile = new() { Price = new TokenPrice(1, 1) } };

    /// <summary>Makes a record: decided and answered by the weak route unless the win probability is at least 0.5, for a million tokens in all.</summary>
    public static RouteRecord Make(
        string prompt = "hello",
        double winProbability = 0.2,
        string? tenant = null,
        RouteAttemptStatus status = RouteAttemptStatus.Answered,
        string reason = RouteReasons.Threshold,
        ChatResponse? response = null,
        int? cluster = null,
        bool sensitive = false,
        DateTimeOffset time = default,
        string router = "fake",
        IRouter? predictor = null)
    {
        ModelRoute route = winProbability >= 0.5 ? Strong : Weak, other = winProbability >= 0.5 ? Weak : Strong;
        var usage = new UsageDetails { InputTokenCount = 600_000, OutputTokenCount = 400_000 };
        var decision = new RouteDecision([route, other], reason) { Router = router, WinProbability = winProbability, Threshold = 0.5, Predictor = predictor };
        return new RouteRecord
        {
            Time = time,
            Request = new RouteRequest([new(ChatRole.User, prompt)], new ChatOptions()) { Tenant = tenant, Cluster = cluster },
            Decision = decision,
            Status = status,
            Outcome = status == RouteAttemptStatus.Failed ? null : new RouteOutcome { Route = route.Name, Reason = reason, ModelId = "model" },
            Attempts = [new(route.Name, "model", null)],
            Usage = usage,
            Cost = route.Profile.Price!.CostOf(usage),
            Duration = TimeSpan.FromMilliseconds(1234.5),
            TimeToFirstUpdate = TimeSpan.FromMilliseconds(100),
            Response = response,
            EnableSensitiveData = sensitive,
            Routes = [Strong, Weak],
        };
    }
}
