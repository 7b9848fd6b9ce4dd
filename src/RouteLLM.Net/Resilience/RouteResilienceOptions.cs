using Polly;

namespace RouteLLM;

/// <summary>How the calls of one route are kept from failing: time limits, retries, cooldowns, and the choice among its deployments.</summary>
public class RouteResilienceOptions
{
    /// <summary>Gets or sets how long one call may take: to its response, or, of a stream, to its first update. The default, <see langword="null"/>, sets no limit.</summary>
    public TimeSpan? AttemptTimeout { get; set; }

    /// <summary>Gets or sets how long one streamed call may take to its first update, or <see langword="null"/>, the default, for <see cref="AttemptTimeout"/>.</summary>
    public TimeSpan? FirstUpdateTimeout { get; set; }

    /// <summary>Gets or sets how many times a route is called again, after a pause, before the next route is tried. The default is 2.</summary>
    /// <remarks>
    /// Moving on to another deployment of the route that has not been tried takes no pause and is not counted here, but in <see cref="ResilienceOptions.MaxAttempts"/>. As often, a request for which
    /// all routes cool down waits for the first that comes back, if that is within <see cref="MaxRetryDelay"/>; otherwise it fails at once.
    /// </remarks>
    public int MaxRetries { get; set; } = 2;

    /// <summary>Gets or sets the pause before the first retry; it doubles for each, and up to half of it is left out by chance. The default is 0.5 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Gets or sets the longest pause. A provider whose Retry-After is longer is not waited for: the next route is tried instead. The default is 5 seconds.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets how the deployments of the route share its calls. The default is <see cref="LoadBalancing.Weighted"/>.</summary>
    public LoadBalancing Balancing { get; set; }

    /// <summary>
    /// Gets or sets after how long without an answer, or without a stream's first update, a second call of the same route is made, at another deployment if there is one: the first answer counts, and
    /// the other call is cancelled. The default, <see langword="null"/>, hedges nothing.
    /// </summary>
    /// <remarks>It never goes to another route, whose answer would be another model's. Providers may charge for a call that is cancelled; no ledger can know, so set this to a time that few calls exceed.</remarks>
    public TimeSpan? HedgeDelay { get; set; }

    /// <summary>Gets or sets when a deployment that fails is left alone, or <see langword="null"/> for never.</summary>
    public CooldownOptions? Cooldown { get; set; } = new();

    /// <summary>Gets or sets when Polly's circuit breaker opens for a deployment, or <see langword="null"/>, the default, for none.</summary>
    public CircuitBreakerOptions? CircuitBreaker { get; set; }

    /// <summary>
    /// Gets or sets a pipeline of your own around the calls of the route, instead of the one made from <see cref="MaxRetries"/> and <see cref="HedgeDelay"/>; or <see langword="null"/>, the default.
    /// Whatever it calls again counts against <see cref="ResilienceOptions.MaxAttempts"/>, and goes to a deployment that is not cooling down.
    /// </summary>
    /// <remarks>Of a stream it sees the opening, to the first update. Give it the clock that the client has.</remarks>
    public ResiliencePipeline? Pipeline { get; set; }

    internal IEnumerable<string> FindRouteErrors(string path)
    {
        foreach ((string name, TimeSpan? value) in new[]
        {
            (nameof(AttemptTimeout), AttemptTimeout), (nameof(FirstUpdateTimeout), FirstUpdateTimeout), (nameof(HedgeDelay), HedgeDelay),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(1))
            {
                yield return $"{path}.{name} is {value}, but a time limit is above zero and at most a day; leave it unset for none.";
            }
        }

        if (MaxRetries < 0)
        {
            yield return $"{path}.{nameof(MaxRetries)} is {MaxRetries}; use 0 for no retries.";
        }

        if (RetryDelay < TimeSpan.Zero || MaxRetryDelay < RetryDelay || MaxRetryDelay > TimeSpan.FromDays(1))
        {
            yield return $"{path}.{nameof(RetryDelay)} is {RetryDelay} and {nameof(MaxRetryDelay)} {MaxRetryDelay}, but the first is not negative, the second at least the first, and at most a day.";
        }

        if (!Enum.IsDefined(Balancing))
        {
            yield return $"{path}.{nameof(Balancing)} is {Balancing}, but it is one of {string.Join(", ", Enum.GetNames<LoadBalancing>())}.";
        }

        foreach (string error in (Cooldown?.FindErrors($"{path}.{nameof(Cooldown)}") ?? []).Concat(CircuitBreaker?.FindErrors($"{path}.{nameof(CircuitBreaker)}") ?? []))
        {
            yield return error;
        }
    }
}
