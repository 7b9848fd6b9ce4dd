using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RouteLLM.Diagnostics;

/// <summary>Turns degraded, or whatever it was registered to turn, while a router's win probabilities have drifted.</summary>
internal sealed class WinProbabilityDriftHealthCheck(WinProbabilityDriftMonitor monitor) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<WinProbabilityDrift> measured = monitor.Measure();
        var data = measured.ToDictionary(static drift => drift.Router, static drift => (object)drift.Index);
        WinProbabilityDrift[] drifted = [.. measured.Where(monitor.HasDrifted)];
        return Task.FromResult(
            drifted.Length > 0
                ? new HealthCheckResult(context.Registration.FailureStatus, string.Join(" ", drifted.Select(Describe)), data: data)
                : HealthCheckResult.Healthy(measured.Count == 0 ? "No router was asked yet." : "Win probabilities are as at calibration.", data));
    }

    private static string Describe(WinProbabilityDrift drift) => string.Create(
        CultureInfo.InvariantCulture,
        $"The win probabilities of router '{drift.Router}' have moved from those of calibration: the population stability index over the latest {drift.Count} requests is {drift.Index:0.000}. Its thresholds no longer give the shares they were chosen for; calibrate it again on recent traffic.");
}
