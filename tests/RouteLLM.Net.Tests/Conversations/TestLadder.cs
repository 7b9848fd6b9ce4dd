using System.Globalization;

namespace RouteLLM.Tests.Conversations;

/// <summary>A policy over three routes that reads the win probability from the prompt: from 0.8 the first, from 0.4 the second, else the third.</summary>
internal static class TestLadder
{
    public static IRoutingPolicy Policy(IReadOnlyList<ModelRoute> routes) => new LadderOfThree(routes);

    private sealed class LadderOfThree(IReadOnlyList<ModelRoute> routes) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
        {
            double probability = double.Parse(request.Prompt, CultureInfo.InvariantCulture);
            ModelRoute first = routes[probability >= 0.8 ? 0 : probability >= 0.4 ? 1 : 2];
            return new(new RouteDecision([first, .. routes.Where(route => route != first)], RouteReasons.Threshold) { WinProbability = probability });
        }
    }
}
