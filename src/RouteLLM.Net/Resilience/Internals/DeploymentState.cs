namespace RouteLLM.Internals;

/// <summary>What is known of one deployment. To be used under <see cref="DeploymentHealth.Lock"/>; times are timestamps of the client's clock.</summary>
internal sealed class DeploymentState
{
    // What a measurement weighs against those before it.
    private const double LatencyWeight = 0.2;

    // After this time a measurement counts for 1/e of what it did.
    private const double LatencyMemorySeconds = 60;

    private long? _coolingUntil;
    private TimeSpan _period;
    private int _probes;
    private bool _isOnProbation;
    private Latency _response;
    private Latency _firstUpdate;

    public int CallsUnderWay { get; private set; }

    public int FailuresInARow { get; private set; }

    /// <summary>Gets or sets the deployment's credit in the weighted round robin.</summary>
    public double Credit { get; set; }

    /// <summary>Gets or sets when it was last chosen, as a count of choices.</summary>
    public long LastChosen { get; set; }

    public bool IsAvailable(long now, int probes) => _coolingUntil is not { } until || (now >= until && _probes < probes);

    /// <summary>Gives how long the deployment still cools down; zero if it may be probed or is well.</summary>
    public TimeSpan CoolingFor(long now, TimeProvider time) => _coolingUntil is { } until && until > now ? time.GetElapsedTime(now, until) : TimeSpan.Zero;

    /// <summary>Gives what one more call here costs by latency and load, in seconds; 0 if nothing is known.</summary>
    public double ExpectedLatency(bool streaming, long now, TimeProvider time)
    {
        Latency latency = streaming ? _firstUpdate : _response;
        return latency.IsMeasured ? latency.Seconds * Math.Exp(-time.GetElapsedTime(latency.MeasuredAt, now).TotalSeconds / LatencyMemorySeconds) * (CallsUnderWay + 1) : 0;
    }

    /// <summary>Begins a call.</summary>
    /// <returns>Whether it is a probe of a deployment that cooled down.</returns>
    public bool Enter()
    {
        CallsUnderWay++;
        if (_coolingUntil is null)
        {
            return false;
        }

        _probes++;
        return true;
    }

    public void Leave(bool isProbe)
    {
        CallsUnderWay--;
        if (isProbe)
        {
            _probes--;
        }
    }

    /// <summary>Notes a response or a first update: a probe that got one ends the cooldown.</summary>
    public void NoteOutput(bool isProbe, bool streaming, TimeSpan latency, long now)
    {
        (streaming ? ref _firstUpdate : ref _response).Add(latency.TotalSeconds, now);
        if (isProbe && _coolingUntil is not null)
        {
            _coolingUntil = null;

            // A stream may yet break off: then it cools down again at once, and not after so many more failures. A success clears this.
            _isOnProbation = true;
        }
    }

    public void NoteSuccess()
    {
        if (_coolingUntil is null)
        {
            FailuresInARow = 0;
            _isOnProbation = false;
            _period = TimeSpan.Zero;
        }
    }

    /// <summary>Notes a failure, and begins a cooldown or prolongs one where it is time for that.</summary>
    /// <param name="isProbe">Whether the call was a probe.</param>
    /// <param name="retryAfter">How long the provider asks to be left alone, or how long its breaker is open, or <see langword="null"/>.</param>
    /// <param name="cooldown">What cooldowns are like.</param>
    /// <param name="now">The time.</param>
    /// <param name="time">The clock.</param>
    /// <returns>How long the deployment cools down from now on, or <see langword="null"/> if this failure changes nothing in that.</returns>
    public TimeSpan? NoteFailure(bool isProbe, TimeSpan? retryAfter, Cooldown cooldown, long now, TimeProvider time)
    {
        FailuresInARow++;
        bool failedProbe = isProbe && _coolingUntil is not null;
        TimeSpan period;
        if (retryAfter is { } asked)
        {
            period = asked < cooldown.MaxPeriod ? asked : cooldown.MaxPeriod;
        }
        else if (cooldown.Period > TimeSpan.Zero && (failedProbe || (_coolingUntil is null && (_isOnProbation || FailuresInARow >= cooldown.Failures))))
        {
            // Also one that came back and then broke off again waits longer than before.
            _period = period = _period == TimeSpan.Zero ? cooldown.Period : _period * 2 < cooldown.MaxPeriod ? _period * 2 : cooldown.MaxPeriod;
        }
        else
        {
            return null;
        }

        // Others that fail while it cools down have been under way before; what they say counts if it is longer.
        long until = now + (long)(period.TotalSeconds * time.TimestampFrequency);
        if (!failedProbe && _coolingUntil >= until)
        {
            return null;
        }

        _coolingUntil = until;
        return period;
    }

    public DeploymentStatus ToStatus(string route, string deployment, long now, TimeProvider time) =>
        new(route, deployment, CallsUnderWay, FailuresInARow, _coolingUntil is null ? null : CoolingFor(now, time), _response.ToTime(), _firstUpdate.ToTime());

    /// <summary>What cooldowns are like, read from <see cref="CooldownOptions"/> once. A period of zero has none but those that are asked for.</summary>
    public readonly record struct Cooldown(int Failures, TimeSpan Period, TimeSpan MaxPeriod, int Probes);

    /// <summary>An exponentially weighted mean.</summary>
    private struct Latency
    {
        public double Seconds;
        public long MeasuredAt;
        public bool IsMeasured;

        public void Add(double seconds, long now)
        {
            Seconds = IsMeasured ? Seconds + LatencyWeight * (seconds - Seconds) : seconds;
            MeasuredAt = now;
            IsMeasured = true;
        }

        public readonly TimeSpan? ToTime() => IsMeasured ? TimeSpan.FromSeconds(Seconds) : null;
    }
}
