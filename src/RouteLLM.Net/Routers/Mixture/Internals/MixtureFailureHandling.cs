namespace RouteLLM;

/// <summary>What a mixture's options say of failing parts, checked.</summary>
internal sealed class MixtureFailureHandling
{
    public MixtureFailureHandling(MixtureRouterOptions options)
    {
        if (options.PartTimeLimit <= TimeSpan.Zero && options.PartTimeLimit != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException($"PartTimeLimit is {options.PartTimeLimit}, but a time limit is positive; use Timeout.InfiniteTimeSpan for none.", nameof(options));
        }

        if (!Enum.IsDefined(options.OnFailure))
        {
            throw new ArgumentException($"OnFailure is {options.OnFailure}, but it is either Fail or LeaveOut.", nameof(options));
        }

        ArgumentNullException.ThrowIfNull(options.TimeProvider);
        LeaveOut = options.OnFailure == MixtureFailure.LeaveOut;
        PartTimeLimit = options.PartTimeLimit;
        PartLeftOut = options.PartLeftOut;
        TimeProvider = options.TimeProvider;
    }

    public bool LeaveOut { get; }

    public TimeSpan PartTimeLimit { get; }

    public Action<MixturePart, Exception>? PartLeftOut { get; }

    public TimeProvider TimeProvider { get; }
}
