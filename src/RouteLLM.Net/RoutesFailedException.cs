namespace RouteLLM;

/// <summary>Every call that was made for a request failed, at every route that was tried.</summary>
/// <remarks>Thrown when more than one call was made; a request that had only one attempt fails with that attempt's own exception.</remarks>
public sealed class RoutesFailedException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="RoutesFailedException"/> class.</summary>
    /// <param name="attempts">The attempts, in order, each with its error.</param>
    public RoutesFailedException(IReadOnlyList<RouteAttempt> attempts)
        : base(Describe(attempts), attempts[^1].Error)
    {
        Attempts = attempts;
    }

    /// <summary>Gets the attempts, in order, each with its error. The last one's is also the <see cref="Exception.InnerException"/>.</summary>
    public IReadOnlyList<RouteAttempt> Attempts { get; }

    private static string Describe(IReadOnlyList<RouteAttempt> attempts)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        ArgumentOutOfRangeException.ThrowIfZero(attempts.Count);
        IEnumerable<string> lines = attempts.Select(static attempt =>
            $"{attempt.Route}{(attempt.Deployment is null ? "" : $"/{attempt.Deployment}")}{(attempt.ModelId is null ? "" : $" ({attempt.ModelId})")} after {attempt.Duration.TotalMilliseconds:0} ms: {attempt.Error?.GetType().Name}: {attempt.Error?.Message}");
        return $"All {attempts.Count} {(attempts.DistinctBy(static attempt => attempt.Route).Count() == attempts.Count ? "routes that were tried" : "calls that were made")} failed. {string.Join(" | ", lines)}";
    }
}
