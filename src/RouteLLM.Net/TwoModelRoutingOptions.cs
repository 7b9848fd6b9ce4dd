namespace RouteLLM;

/// <summary>Options of a <see cref="RoutedChatClient"/> that chooses between a strong and a weak model by a threshold.</summary>
/// <remarks>Exactly one of <see cref="Threshold"/>, <see cref="StrongShare"/> and <see cref="Calibration"/> is to be set.</remarks>
public class TwoModelRoutingOptions : RoutedChatClientOptions
{
    /// <summary>Gets or sets the threshold, in [0, 1]: a request is strong when its win probability is at least this.</summary>
    /// <remarks>A threshold belongs to one router and one kind of traffic; 0.11593 means half of the traffic for RouteLLM's own model and nothing elsewhere.</remarks>
    public double? Threshold { get; set; }

    /// <summary>Gets or sets the share of requests to send to the strong model, in [0, 1]; the router's own score quantiles turn it into a threshold.</summary>
    public double? StrongShare { get; set; }

    /// <summary>Gets or sets the calibration whose threshold is used, such as <see cref="RouterCalibration.Load"/> reads it. It is refused for another router, artifact or pair than it was made with.</summary>
    public RouterCalibration? Calibration { get; set; }

    /// <summary>
    /// Gets or sets what finds the group of a request (tenant, language, domain) that has a threshold of its own in <see cref="Calibration"/>, or <see langword="null"/>, the default.
    /// A request that names its group with <see cref="Microsoft.Extensions.AI.ChatOptionsRoutingExtensions.SetRoutingGroup"/> is not asked. It runs for every request; where it throws, the request goes to <see cref="RouterFallback"/>.
    /// </summary>
    public Func<RouteRequest, string?>? CalibrationGroup { get; set; }

    /// <summary>Gets or sets the model id sent to the strong client, or <see langword="null"/> for the client's own default.</summary>
    public string? StrongModel { get; set; }

    /// <summary>Gets or sets the model id sent to the weak client, or <see langword="null"/> for the client's own default.</summary>
    public string? WeakModel { get; set; }

    /// <summary>Gets or sets what is known of the strong model: its prices, context window and abilities. By default nothing is.</summary>
    public ModelProfile StrongProfile { get; set; } = ModelProfile.Unknown;

    /// <summary>Gets or sets what is known of the weak model: its prices, context window and abilities. By default nothing is.</summary>
    public ModelProfile WeakProfile { get; set; } = ModelProfile.Unknown;

    /// <summary>Gets or sets the name of the router to ask, one of <see cref="RoutedChatClientOptions.Routers"/> or of the host's. The default is the built-in router.</summary>
    public string Router { get; set; } = RouterRegistry.BuiltInName;

    /// <summary>Gets or sets how long the router may take. The default is 5 seconds; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    /// <remarks>A router that computes without ever awaiting cannot be interrupted; the limit holds for those that wait, for an embedding service, say.</remarks>
    public TimeSpan RouterTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets where a request goes when the router fails or times out, or there is no text to score. The default is <see cref="RouterFallback.Strong"/>.</summary>
    public RouterFallback RouterFallback { get; set; }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        string[] set =
        [
            .. Threshold is null ? Array.Empty<string>() : [$"Threshold ({Threshold})"],
            .. StrongShare is null ? Array.Empty<string>() : [$"StrongShare ({StrongShare})"],
            .. Calibration is null ? Array.Empty<string>() : [nameof(Calibration)],
        ];
        if (set.Length != 1)
        {
            yield return set.Length == 0
                ? "Neither Threshold nor StrongShare is set, and there is no Calibration: set StrongShare (0.3 sends about 30% of requests to the strong model), a Calibration, or a Threshold calibrated for the router."
                : $"{string.Join(" and ", set)} are {(set.Length == 2 ? "both" : "all")} set: set exactly one of them.";
        }

        if (Threshold is not (null or (>= 0 and <= 1)))
        {
            yield return $"Threshold is {Threshold}, but a threshold lies in [0, 1].";
        }

        if (StrongShare is not (null or (>= 0 and <= 1)))
        {
            yield return $"StrongShare is {StrongShare}, but a share lies in [0, 1]; 30% is 0.3.";
        }

        // The upper bound is that of the timers of .NET.
        if ((RouterTimeout <= TimeSpan.Zero || RouterTimeout.TotalMilliseconds >= uint.MaxValue) && RouterTimeout != Timeout.InfiniteTimeSpan)
        {
            yield return $"RouterTimeout is {RouterTimeout}, but a time limit is positive and less than 49 days; use Timeout.InfiniteTimeSpan (-00:00:00.0010000) for none.";
        }

        if (!Enum.IsDefined(RouterFallback))
        {
            yield return $"RouterFallback is {RouterFallback}, but it is either Strong or Weak.";
        }

        if (PromptSelector is null)
        {
            yield return "PromptSelector is null; use PromptSelector.LastUserMessage for the default.";
        }

        if (ShouldFailOver is null)
        {
            yield return "ShouldFailOver is null; use FailoverErrors.IsCurable for the default, or set FailOver to false.";
        }

        foreach (string error in FindPolicyErrors())
        {
            yield return error;
        }
    }
}
