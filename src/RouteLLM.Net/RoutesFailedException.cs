namespace RouteLLM;

/// <summary>Every route that was tried for a request failed.</summary>
/// <remarks>Thrown when more than one was tried; a request that had only one attempt fails with that attempt's own exception.</remarks>
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
            $"{attempt.Route}{(attempt.ModelId is null ? "" : $" ({attempt.ModelId})")} after {attempt.Duration.TotalMilliseconds:0} ms: {attempt.Error?.GetType().Name}: {attempt.Error?.Message}");
        return $"All {attempts.Count} routes that were tried failed. {string.Join(" | ", lines)}";
    }
}
