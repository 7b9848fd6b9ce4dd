using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Resilience;

/// <summary>Makes routed clients of routes in a fixed order, on a clock of the test's.</summary>
internal static class ResilientClient
{
    public static RoutedChatClient Create(FakeTimeProvider clock, ResilienceOptions options, params ModelRoute[] routes)
    {
        options.NextRandom = () => 0;
        return new(routes, new InOrder(routes), new() { Resilience = options }, timeProvider: clock);
    }

    public static ModelRoute Route(string name, params (string Name, IChatClient Client)[] deployments) =>
        new(name, deployments.Select(deployment => new ModelDeployment(deployment.Name, deployment.Client)));

    /// <summary>Advances the clock in small steps until a task has ended, and fails if it does not within a simulated hour.</summary>
    public static async Task<T> RunAsync<T>(this FakeTimeProvider clock, Task<T> task)
    {
        for (int step = 0; step < 36_000 && !task.IsCompleted; step++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        Assert.True(task.IsCompleted, "The call hangs.");
        return await task;
    }

    private sealed class InOrder(ModelRoute[] routes) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(new RouteDecision(routes, "in-order"));
    }
}
