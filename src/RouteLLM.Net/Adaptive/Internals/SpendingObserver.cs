namespace RouteLLM.Internals;

/// <summary>Tells an adaptive threshold what requests cost.</summary>
internal sealed class SpendingObserver(AdaptiveThreshold threshold) : IRoutingObserver
{
    public void OnCompleted(RouteRecord record)
    {
        if (record.Cost is not { } cost)
        {
            return;
        }

        // What a cache answered, or another route than the one decided on, says nothing of what strong and weak requests cost.
        bool isTypical = record.Status == RouteAttemptStatus.Answered && record.Outcome is { FailedOver: false };
        bool? strong = isTypical && record.Decision is { WinProbability: { } score, Threshold: { } applied } ? score >= applied : null;
        threshold.Spend(record.Time + record.Duration, cost, strong);
    }
}
