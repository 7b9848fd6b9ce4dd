namespace RouteLLM.Tests.Simulation;

/// <summary>How a simulated provider behaves: shares in [0, 1] of its calls, and times. What it does at a call depends on the seed, the question and how often it was asked that, and on nothing else.</summary>
internal sealed record Chaos
{
    /// <summary>Gets a provider that never fails.</summary>
    public static Chaos Calm { get; } = new();

    /// <summary>Gets a provider that does all that can go wrong, each often enough to meet.</summary>
    public static Chaos Wild { get; } = new()
    {
        Throttled = 0.03,
        ServerErrors = 0.05,
        Refused = 0.03,
        Malformed = 0.02,
        Hangs = 0.02,
        HangsDeaf = 0.01,
        Resets = 0.02,
        MalformedMidStream = 0.01,
        HangsMidStream = 0.01,
        BadRequests = 0.01,
    };

    /// <summary>Gets the mean time to the response or first update; it is distributed exponentially.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Gets the time between two updates.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Gets what a refusal for too many requests asks for.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Gets how long a call that hangs does so.</summary>
    public TimeSpan HangTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets the share refused with status 429 and a Retry-After.</summary>
    public double Throttled { get; init; }

    /// <summary>Gets the share that fails with a status of 5xx.</summary>
    public double ServerErrors { get; init; }

    /// <summary>Gets the share whose connection is refused.</summary>
    public double Refused { get; init; }

    /// <summary>Gets the share answered with what is no JSON.</summary>
    public double Malformed { get; init; }

    /// <summary>Gets the share that hangs until its token is cancelled.</summary>
    public double Hangs { get; init; }

    /// <summary>Gets the share that hangs and minds no token.</summary>
    public double HangsDeaf { get; init; }

    /// <summary>Gets the share of streams that are reset after their first update.</summary>
    public double Resets { get; init; }

    /// <summary>Gets the share of streams that go on with what is no JSON.</summary>
    public double MalformedMidStream { get; init; }

    /// <summary>Gets the share of streams that hang after their first update, until their token is cancelled.</summary>
    public double HangsMidStream { get; init; }

    /// <summary>Gets the share refused with status 400, which no other model cures.</summary>
    public double BadRequests { get; init; }

    /// <summary>Gets how often it is down altogether: in this share of every <see cref="OutagePeriod"/>, from its beginning.</summary>
    public double Outage { get; init; }

    public TimeSpan OutagePeriod { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Makes all its times shorter or longer, so that the same can be seen in real time.</summary>
    public Chaos Scaled(double factor) => this with
    {
        Latency = Latency * factor,
        Pause = Pause * factor,
        RetryAfter = RetryAfter * factor,
        HangTime = HangTime * factor,
        OutagePeriod = OutagePeriod * factor,
    };

    /// <summary>Draws what a call does.</summary>
    public Fault Draw(Random random, bool streaming)
    {
        double at = random.NextDouble();
        foreach ((double share, Fault fault) in new[]
        {
            (Throttled, Fault.Throttled), (ServerErrors, Fault.ServerError), (Refused, Fault.Refused), (Malformed, Fault.Malformed), (Hangs, Fault.Hang), (HangsDeaf, Fault.DeafHang),
            (BadRequests, Fault.BadRequest), (streaming ? Resets : 0, Fault.Reset), (streaming ? MalformedMidStream : 0, Fault.MalformedMidStream), (streaming ? HangsMidStream : 0, Fault.HangMidStream),
        })
        {
            if (at < share)
            {
                return fault;
            }

            at -= share;
        }

        return Fault.None;
    }
}
