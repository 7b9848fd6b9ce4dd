namespace RouteLLM.Diagnostics;

/// <summary>Options of a <see cref="ShadowRouting"/>.</summary>
public sealed class ShadowOptions
{
    /// <summary>Gets or sets the share of requests that the shadow decides as well, in [0, 1]. The default is 1: all.</summary>
    public double SampleShare { get; set; } = 1;

    /// <summary>Gets or sets how many requests may wait for the shadow, at least 1. The default is 1,000. Further ones are passed over and counted; each keeps its messages in memory while it waits.</summary>
    public int Capacity { get; set; } = 1_000;

    /// <summary>Gets or sets how many requests the shadow decides at once, at least 1. The default is 1.</summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>Gets or sets how long a decision of the shadow may take. The default is 30 seconds. One that computes without ever awaiting cannot be interrupted.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the seed of the sample, or <see langword="null"/>, the default, for another one each time.</summary>
    public int? Seed { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (SampleShare is not (>= 0 and <= 1))
        {
            yield return $"SampleShare is {SampleShare}, but a share lies in [0, 1].";
        }

        if (Capacity < 1)
        {
            yield return $"Capacity is {Capacity}, but at least 1 request has to be able to wait.";
        }

        if (MaxConcurrency is < 1 or > 1_000)
        {
            yield return $"MaxConcurrency is {MaxConcurrency}, but it lies between 1 and 1,000.";
        }

        if (Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds >= uint.MaxValue)
        {
            yield return $"Timeout is {Timeout}, but a time limit is positive and less than 49 days.";
        }
    }
}
