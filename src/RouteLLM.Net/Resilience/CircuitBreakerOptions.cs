namespace RouteLLM;

/// <summary>When Polly's circuit breaker opens for a deployment: by the share of its calls that fail, where a <see cref="CooldownOptions">cooldown</see> goes by failures in a row.</summary>
/// <remarks>While the breaker is open the deployment cools down, so that all callers skip it. It sees a stream until its first update.</remarks>
public sealed class CircuitBreakerOptions
{
    /// <summary>Gets or sets the share of failures, in (0, 1], at which the breaker opens. The default is 0.5.</summary>
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Gets or sets how many calls within <see cref="SamplingDuration"/> are needed before the share counts, at least 2. The default is 10.</summary>
    public int MinimumThroughput { get; set; } = 10;

    /// <summary>Gets or sets the window over which the share is taken, from 0.5 seconds to a day. The default is 30 seconds.</summary>
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how long the breaker stays open, from 0.5 seconds to a day. The default is 15 seconds.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(15);

    internal IEnumerable<string> FindErrors(string path)
    {
        if (FailureRatio is not (> 0 and <= 1))
        {
            yield return $"{path}.{nameof(FailureRatio)} is {FailureRatio}, but a share of failures lies in (0, 1]; 50% is 0.5.";
        }

        if (MinimumThroughput < 2)
        {
            yield return $"{path}.{nameof(MinimumThroughput)} is {MinimumThroughput}, but Polly's breaker needs at least 2; a cooldown ({nameof(RouteResilienceOptions.Cooldown)}) can begin with the first failure.";
        }

        foreach ((string name, TimeSpan value) in new[] { (nameof(SamplingDuration), SamplingDuration), (nameof(BreakDuration), BreakDuration) })
        {
            if (value < TimeSpan.FromSeconds(0.5) || value > TimeSpan.FromDays(1))
            {
                yield return $"{path}.{name} is {value}, but Polly's breaker takes from 0.5 seconds to a day.";
            }
        }
    }
}
