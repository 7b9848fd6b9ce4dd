using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>What came of an attempt that was admitted.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Usage">The tokens used: the provider's own count, or an estimate of what was sent and received; <see langword="null"/> if nothing was.</param>
/// <param name="IsUsageEstimated">Whether <paramref name="Usage"/> is an estimate, since the provider was silent or the attempt broke off.</param>
/// <param name="Cost">What that costs in USD, or <see langword="null"/> if the route has no price.</param>
/// <param name="Error">The error, or <see langword="null"/> if it succeeded.</param>
public readonly record struct RouteAttemptResult(RouteAttemptStatus Status, UsageDetails? Usage = null, bool IsUsageEstimated = false, decimal? Cost = null, Exception? Error = null)
{
    /// <summary>Gets the result of an attempt whose route was not called after all.</summary>
    public static RouteAttemptResult NotCalled => new(RouteAttemptStatus.NotCalled);
}
