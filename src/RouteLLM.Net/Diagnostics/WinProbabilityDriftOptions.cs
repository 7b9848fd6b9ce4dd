namespace RouteLLM.Diagnostics;

/// <summary>Options of a <see cref="WinProbabilityDriftMonitor"/>.</summary>
public sealed class WinProbabilityDriftOptions
{
    /// <summary>Gets or sets how many requests to look back on for each router, at least 1. The default is 1,000.</summary>
    public int Window { get; set; } = 1_000;

    /// <summary>Gets or sets how many requests there must be before <see cref="WinProbabilityDriftMonitor.HasDrifted"/> tells of drift, at least 1 and at most <see cref="Window"/>. The default is 200.</summary>
    public int MinimumCount { get; set; } = 200;

    /// <summary>Gets or sets the index from which on traffic counts as drifted. The default is 0.25, the rule of thumb for much.</summary>
    public double Limit { get; set; } = 0.25;

    /// <summary>
    /// Gets the score quantiles to compare a router's with, by its name: those of your own traffic at the time of calibration (<see cref="ScoreQuantiles.FromScores"/>). Routers that are not there are compared with their own
    /// quantiles, which are those of the data they were trained or calibrated on; routers that have none are not watched.
    /// </summary>
    public IDictionary<string, ScoreQuantiles> Baselines { get; } = new Dictionary<string, ScoreQuantiles>(StringComparer.Ordinal);

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (Window < 1)
        {
            yield return $"Window is {Window}, but at least 1 request has to be looked at.";
        }

        if (MinimumCount < 1 || MinimumCount > Window)
        {
            yield return $"MinimumCount is {MinimumCount}, but it lies between 1 and Window ({Window}).";
        }

        if (Limit is not (> 0 and < double.PositiveInfinity))
        {
            yield return $"Limit is {Limit}, but it is a positive number; 0.25 is usual.";
        }
    }
}
