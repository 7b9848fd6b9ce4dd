namespace RouteLLM;

/// <summary>How requests survive the faults of providers. The settings of <see cref="RouteResilienceOptions"/> are for all routes that have none of their own in <see cref="Routes"/>.</summary>
public class ResilienceOptions : RouteResilienceOptions
{
    /// <summary>Gets or sets how many calls one request may make in all: over all routes and deployments, retries and hedges included. Retries leave one of them for the next route. The default is 5.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Gets or sets how long a request may take in all, from its coming to its response or its last update, or <see langword="null"/>, the default, for no limit. When it has passed, the caller gets a <see cref="TimeoutException"/>.</summary>
    /// <remarks>A call that this limit ends is not held against its deployment, which may have had little time: set <see cref="RouteResilienceOptions.AttemptTimeout"/> too, to have one that hangs cooled down.</remarks>
    public TimeSpan? TotalTimeout { get; set; }

    /// <summary>
    /// Gets or sets which errors are worth calling the same model again for, and count against the health of the deployment. The default is <see cref="FailoverErrors.IsTransient"/>.
    /// Never asked after the caller's cancellation; a stream that has begun is never called again.
    /// </summary>
    public Func<Exception, bool> IsTransient { get; set; } = FailoverErrors.IsTransient;

    /// <summary>Gets or sets what finds out, of an error, how long its provider asks to be left alone; <see langword="null"/> if it does not. The default, <see langword="null"/>, is <see cref="FailoverErrors.GetRetryAfter"/>.</summary>
    public Func<Exception, TimeSpan?>? RetryAfter { get; set; }

    /// <summary>Gets or sets what draws the chance in a retry's pause, from [0, 1). The default is <see cref="Random.Shared"/>. It is called by many threads.</summary>
    public Func<double> NextRandom { get; set; } = Random.Shared.NextDouble;

    /// <summary>Gets the settings of single routes, by name: all of these are the route's own, and none is taken from here.</summary>
    public IDictionary<string, RouteResilienceOptions> Routes { get; } = new Dictionary<string, RouteResilienceOptions>(StringComparer.Ordinal);

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        const string Path = nameof(RoutedChatClientOptions.Resilience);
        if (MaxAttempts < 1)
        {
            yield return $"{Path}.{nameof(MaxAttempts)} is {MaxAttempts}, but a request needs at least one call.";
        }

        if (TotalTimeout <= TimeSpan.Zero || TotalTimeout > TimeSpan.FromDays(1))
        {
            yield return $"{Path}.{nameof(TotalTimeout)} is {TotalTimeout}, but a time limit is above zero and at most a day; leave it unset for none.";
        }

        if (IsTransient is null || NextRandom is null)
        {
            yield return $"{Path}.{(IsTransient is null ? nameof(IsTransient) : nameof(NextRandom))} is null; leave it unset for the default.";
        }

        foreach (string error in FindRouteErrors(Path).Concat(Routes.SelectMany(static route => route.Value.FindRouteErrors($"{Path}.{nameof(Routes)}[{route.Key}]"))))
        {
            yield return error;
        }
    }
}
