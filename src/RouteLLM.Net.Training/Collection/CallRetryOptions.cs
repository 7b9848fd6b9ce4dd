namespace RouteLLM.Training;

/// <summary>How often and when a failed call of a chat model is made again, and how long it may take.</summary>
/// <remarks>Clients that retry by themselves, as OpenAI's does three times, multiply with this; switch one of the two off.</remarks>
public sealed class CallRetryOptions
{
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets how often a call is tried in all, at least 1; 3 by default.</summary>
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Gets or sets the wait before the second attempt, at least 0; it doubles from attempt to attempt, up to 30 seconds. 1 second by default.</summary>
    public TimeSpan FirstDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets or sets how long an attempt may take; 5 minutes by default. <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets or sets which errors another attempt may cure; <see cref="FailoverErrors.IsCurable"/> by default: network faults, time-outs, rate limits and faults of the server.</summary>
    public Func<Exception, bool> ShouldRetry { get; set; } = FailoverErrors.IsCurable;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(ShouldRetry);
        if (MaxAttempts < 1)
        {
            throw new ArgumentException($"{nameof(MaxAttempts)} is {MaxAttempts}, but a call is tried at least once.");
        }

        if (FirstDelay < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(FirstDelay)} is {FirstDelay}, but a wait is at least 0.");
        }

        if (TimeLimit <= TimeSpan.Zero && TimeLimit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"{nameof(TimeLimit)} is {TimeLimit}, but a time limit is positive; use Timeout.InfiniteTimeSpan for none.");
        }
    }

    /// <summary>Gives the wait after a number of failed attempts.</summary>
    internal TimeSpan DelayAfter(int attempts)
    {
        double ticks = FirstDelay.Ticks * Math.Pow(2, attempts - 1);
        return ticks < s_longestDelay.Ticks ? TimeSpan.FromTicks((long)ticks) : s_longestDelay < FirstDelay ? FirstDelay : s_longestDelay;
    }
}
