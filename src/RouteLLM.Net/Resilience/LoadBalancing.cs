namespace RouteLLM;

/// <summary>How the next deployment of a route is chosen among those that are not cooling down.</summary>
public enum LoadBalancing
{
    /// <summary>In turn, each as often as its <see cref="ModelDeployment.Weight"/> says (smooth weighted round robin, as nginx does it). Needs no randomness.</summary>
    Weighted,

    /// <summary>The one with the fewest calls under way for its weight; a stream counts until its end.</summary>
    LeastBusy,

    /// <summary>
    /// The one expected to answer first: its latency (an exponentially weighted mean of the times to the response, or to a stream's first update) times the calls under way plus one, for its weight, as
    /// Finagle's peak-EWMA balancer weighs load. What was measured loses its weight with time, so that a slow deployment is tried again.
    /// </summary>
    LowestLatency,
}
