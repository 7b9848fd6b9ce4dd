namespace RouteLLM.Diagnostics;

/// <summary>Options of a <see cref="LiveQualitySampler"/>.</summary>
public sealed class LiveQualityOptions
{
    /// <summary>Gets or sets the share of answers that are judged, in [0, 1]. The default is 0.01.</summary>
    public double SampleShare { get; set; } = 0.01;

    /// <summary>Gets or sets how many answers may wait to be judged, at least 1. The default is 100. Further ones are passed over and counted; each keeps its messages in memory while it waits.</summary>
    public int Capacity { get; set; } = 100;

    /// <summary>Gets or sets how many answers are judged at once, at least 1. The default is 1.</summary>
    public int MaxConcurrency { get; set; } = 1;

    /// <summary>Gets or sets how many answers are judged in an hour at most, since judges cost money, or <see langword="null"/> for no limit. The default is 1,000.</summary>
    public int? MaxPerHour { get; set; } = 1_000;

    /// <summary>Gets or sets how long the judging of an answer may take. The default is 60 seconds.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets which answers may be judged at all, or <see langword="null"/>, the default, for all that have text.</summary>
    public Func<RouteRecord, bool>? Filter { get; set; }

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
            yield return $"Capacity is {Capacity}, but at least 1 answer has to be able to wait.";
        }

        if (MaxConcurrency is < 1 or > 1_000)
        {
            yield return $"MaxConcurrency is {MaxConcurrency}, but it lies between 1 and 1,000.";
        }

        if (MaxPerHour < 1)
        {
            yield return $"MaxPerHour is {MaxPerHour}, but it is at least 1; set it to null for no limit, or SampleShare to 0 to judge nothing.";
        }

        if (Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds >= uint.MaxValue)
        {
            yield return $"Timeout is {Timeout}, but a time limit is positive and less than 49 days.";
        }
    }
}
