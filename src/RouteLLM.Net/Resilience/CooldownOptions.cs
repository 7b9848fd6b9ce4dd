namespace RouteLLM;

/// <summary>When a deployment that fails is left alone, for how long, and how it comes back.</summary>
/// <remarks>
/// A cooldown is the library's own state beside Polly's circuit breaker, which needs at least two calls in a window before it opens, and so cannot obey a provider that asks, on its very first
/// refusal, to be left alone for some seconds. A deployment that cools down is skipped by all callers at once, without being called.
/// </remarks>
public sealed class CooldownOptions
{
    /// <summary>Gets or sets how many failures in a row begin a cooldown. The default is 3. A failure with a Retry-After begins one at once.</summary>
    public int Failures { get; set; } = 3;

    /// <summary>Gets or sets how long the first cooldown lasts. The default is 15 seconds. Each probe that fails doubles it.</summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Gets or sets the longest cooldown, also of those that a provider asks for. The default is 5 minutes.</summary>
    public TimeSpan MaxPeriod { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets how many calls at a time may try a deployment whose cooldown has passed, until one succeeds. The default is 1.</summary>
    public int Probes { get; set; } = 1;

    internal IEnumerable<string> FindErrors(string path)
    {
        if (Failures < 1)
        {
            yield return $"{path}.{nameof(Failures)} is {Failures}, but at least one failure begins a cooldown; set {path} to null for no cooldowns.";
        }

        if (Period <= TimeSpan.Zero || MaxPeriod < Period)
        {
            yield return $"{path}.{nameof(Period)} is {Period} and {nameof(MaxPeriod)} {MaxPeriod}, but the period is above zero and at most {nameof(MaxPeriod)}.";
        }

        if (Probes < 1)
        {
            yield return $"{path}.{nameof(Probes)} is {Probes}, but without at least one probe a deployment would never come back.";
        }
    }
}
