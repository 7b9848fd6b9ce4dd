namespace RouteLLM.Internals;

/// <summary>Works out which strong share spends a monthly budget evenly over what is left of the month. Not thread-safe.</summary>
internal sealed class SpendingPace
{
    // The means follow about the last 200 requests of a kind, the rate about three days, so that nights and weekends neither stop nor double it.
    private const double Smoothing = 1 / 200.0;
    private static readonly TimeSpan s_rateMemory = TimeSpan.FromDays(3);

    // A rate over less says little: a burst at the start would count as a month of it.
    private static readonly TimeSpan s_leastTime = TimeSpan.FromHours(1);

    private Mean _strong;
    private Mean _weak;
    private DateTimeOffset? _began;
    private DateTimeOffset _lastRequest;
    private DateTimeOffset _month;
    private decimal _spent;
    private double _requests;
    private decimal _asked;
    private DateTimeOffset _askedAt = DateTimeOffset.MinValue;

    /// <summary>Takes note of a request that a threshold decided.</summary>
    public void Count(DateTimeOffset now)
    {
        _began ??= now;
        _requests = (_requests * Decay(now - _lastRequest)) + 1;
        _lastRequest = now;
    }

    /// <summary>Takes note of what a request cost, and whether a threshold had made it strong or weak.</summary>
    public void Spend(DateTimeOffset now, decimal cost, bool? strong)
    {
        TurnMonth(now);
        _spent += cost;
        if (strong is { } isStrong)
        {
            (isStrong ? ref _strong : ref _weak).Add((double)cost);
        }
    }

    /// <summary>Gives the share to hold.</summary>
    /// <param name="now">The time.</param>
    /// <param name="budget">The month's budget in USD.</param>
    /// <param name="most">The share that may be held at most; also what is held until costs are known.</param>
    /// <param name="spent">Tells what was spent, or <see langword="null"/> to go by what was counted alone.</param>
    public double Share(DateTimeOffset now, decimal budget, double most, Func<decimal>? spent)
    {
        TurnMonth(now);
        double left = (double)(budget - SpentSoFar(now, spent));
        if (left <= 0)
        {
            return 0;
        }

        if (_strong.Count == 0 || _began is not { } began)
        {
            return most;
        }

        double days = s_rateMemory.TotalDays * (1 - Decay(now - began));
        double rate = _requests * Decay(now - _lastRequest) / Math.Max(days, s_leastTime.TotalDays);
        double expected = Math.Max(rate * (_month.AddMonths(1) - now).TotalDays, 1);
        double dearer = _strong.Value - _weak.Value;
        return dearer <= 0 ? most : Math.Clamp(((left / expected) - _weak.Value) / dearer, 0, most);
    }

    private static double Decay(TimeSpan time) => Math.Exp(-Math.Max(time.TotalDays, 0) / s_rateMemory.TotalDays);

    private decimal SpentSoFar(DateTimeOffset now, Func<decimal>? spent)
    {
        if (spent is null)
        {
            return _spent;
        }

        if (now - _askedAt >= TimeSpan.FromSeconds(1))
        {
            _askedAt = now;
            try
            {
                _asked = spent();
            }
            catch (Exception)
            {
                // What was told before has to do.
            }
        }

        // What others tell may be behind what was counted here.
        return Math.Max(_asked, _spent);
    }

    private void TurnMonth(DateTimeOffset now)
    {
        var month = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
        if (month > _month)
        {
            _month = month;
            _spent = 0;
            _asked = 0;
            _askedAt = DateTimeOffset.MinValue;
        }
    }

    private struct Mean
    {
        public long Count { get; private set; }

        public double Value { get; private set; }

        public void Add(double value)
        {
            Count++;
            Value += (value - Value) * Math.Max(1.0 / Count, Smoothing);
        }
    }
}
