namespace RouteLLM.Internals;

/// <summary>What was learned of a client's traffic, and the threshold that follows from it; see <see cref="AdaptiveThresholdOptions"/>. Thread-safe.</summary>
internal sealed class AdaptiveThreshold
{
    // Above every probability: none is strong.
    private static readonly double s_never = Math.BitIncrement(1.0);

    private readonly Lock _lock = new();
    private readonly DecayingHistogram _scores = new();
    private readonly SpendingPace _pace = new();
    private long _requests;
    private double _level = double.NaN;
    private double _wanted;

    /// <summary>Gives the threshold to apply now, or <see langword="null"/> while too little is known.</summary>
    public double? Threshold(AdaptiveThresholdOptions options, DateTimeOffset now)
    {
        lock (_lock)
        {
            Want(options, now);
            return _requests < options.MinimumRequests || _scores.IsEmpty ? null
                : _level <= 0 ? s_never
                : _level >= 1 ? 0
                : _scores.Quantile(1 - _level);
        }
    }

    /// <summary>Learns from a request that was compared with a threshold.</summary>
    /// <param name="options">The options.</param>
    /// <param name="now">The time.</param>
    /// <param name="score">The win probability.</param>
    /// <param name="strong">Whether the request became strong.</param>
    /// <param name="adapted">Whether it was this object's threshold that decided.</param>
    public void Learn(AdaptiveThresholdOptions options, DateTimeOffset now, double score, bool strong, bool adapted)
    {
        lock (_lock)
        {
            _requests++;
            _scores.Add(score, options.Memory);
            _pace.Count(now);
            if (adapted)
            {
                // Bounded a little beyond where it acts, so that it comes back at once when something else has decided for long.
                _level = Math.Clamp(_level + (options.Gain * (_wanted - (strong ? 1 : 0))), -0.05, 1.05);
            }
        }
    }

    /// <summary>Takes note of what a request cost.</summary>
    public void Spend(DateTimeOffset now, decimal cost, bool? strong)
    {
        lock (_lock)
        {
            _pace.Spend(now, cost, strong);
        }
    }

    /// <summary>Works out the wanted share; the level follows it at once, and keeps what it has been corrected by.</summary>
    private void Want(AdaptiveThresholdOptions options, DateTimeOffset now)
    {
        double wanted = options.MonthlyBudget is { } budget ? _pace.Share(now, budget, options.StrongShare ?? 1, options.Spent) : options.StrongShare!.Value;
        _level = double.IsNaN(_level) ? wanted : Math.Clamp(_level + wanted - _wanted, -0.05, 1.05);
        _wanted = wanted;
    }
}
