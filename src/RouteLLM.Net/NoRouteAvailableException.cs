namespace RouteLLM;

/// <summary>No route may take a request: constraints, cooldowns or budgets removed them all.</summary>
public sealed class NoRouteAvailableException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="NoRouteAvailableException"/> class.</summary>
    /// <param name="skips">The routes and what removed each.</param>
    public NoRouteAvailableException(IReadOnlyList<RouteSkip> skips)
        : base(Describe(skips)) => Skips = skips;

    /// <summary>Gets the routes and what removed each.</summary>
    public IReadOnlyList<RouteSkip> Skips { get; }

    /// <summary>Gets after how long a route is available again, as far as it is known, or <see langword="null"/>.</summary>
    public TimeSpan? RetryAfter { get => field ?? Skips.Min(static skip => skip.RetryAfter); init; }

    private static string Describe(IReadOnlyList<RouteSkip> skips)
    {
        ArgumentNullException.ThrowIfNull(skips);
        return $"No route can take this request. {string.Join("; ", skips.Select(static skip => $"{skip.Route}: {skip.Cause} ({skip.Detail})"))}.";
    }
}
