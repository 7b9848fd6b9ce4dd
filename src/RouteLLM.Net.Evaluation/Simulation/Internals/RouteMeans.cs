namespace RouteLLM.Evaluation;

/// <summary>The means of what is known of each route's answers.</summary>
internal struct RouteMeans
{
    public RunningMean StrongCost;
    public RunningMean WeakCost;
    public RunningMean StrongLatency;
    public RunningMean WeakLatency;

    public void Add(in SimulatedRequest request)
    {
        // Costs worked out from prices are as good for a mean as logged ones: they are of the same requests.
        StrongCost.Add(request.Strong.Cost, isMeasured: true, isStrong: true);
        WeakCost.Add(request.Weak.Cost, isMeasured: true, isStrong: false);
        StrongLatency.Add(request.Strong.Latency, isMeasured: true, isStrong: true);
        WeakLatency.Add(request.Weak.Latency, isMeasured: true, isStrong: false);
    }
}
