namespace RouteLLM;

/// <summary>Options that policies over any number of routes share: how long a prediction may take, and what happens without one.</summary>
public class PredictionPolicyOptions
{
    /// <summary>Gets or sets how long a prediction may take. The default is 5 seconds; <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets where a request goes when the prediction fails or is late, or there is no text: to the first route (strong, the default), or to the last.</summary>
    public RouterFallback Fallback { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal virtual IEnumerable<string> FindErrors()
    {
        // The upper bound is that of the timers of .NET.
        if ((Timeout <= TimeSpan.Zero || Timeout.TotalMilliseconds >= uint.MaxValue) && Timeout != System.Threading.Timeout.InfiniteTimeSpan)
        {
            yield return $"Timeout is {Timeout}, but a time limit is positive and less than 49 days; use Timeout.InfiniteTimeSpan (-00:00:00.0010000) for none.";
        }

        if (!Enum.IsDefined(Fallback))
        {
            yield return $"Fallback is {Fallback}, but it is either Strong or Weak.";
        }
    }

    internal void ThrowIfNotValid(string parameterName)
    {
        if (string.Join(" ", FindErrors()) is { Length: > 0 } errors)
        {
            throw new ArgumentException(errors, parameterName);
        }
    }
}
