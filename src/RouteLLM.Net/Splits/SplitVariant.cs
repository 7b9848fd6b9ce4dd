namespace RouteLLM;

/// <summary>One of the variants of a <see cref="TrafficSplit"/>. One that sets nothing but its name and weight is the control: its requests are decided as if there were no split.</summary>
public sealed class SplitVariant
{
    /// <summary>Gets or sets the variant's name, one of its own within the split. Required.</summary>
    public string Name { get; set; } = "";

    /// <summary>Gets or sets the variant's weight, at least 0: its share is this over the sum of all. The default is 1.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Gets or sets the threshold of the variant's requests, in [0, 1], or <see langword="null"/>. What a request itself asks for comes first.</summary>
    public double? Threshold { get; set; }

    /// <summary>Gets or sets the strong share of the variant's requests, in [0, 1], or <see langword="null"/>, turned into a threshold by the router's score quantiles.</summary>
    public double? StrongShare { get; set; }

    /// <summary>Gets or sets the name of the router that the variant's requests are scored by, or <see langword="null"/>. A threshold belongs to a router, so a threshold or a share goes with it, unless the usual is a share.</summary>
    public string? Router { get; set; }

    /// <summary>Gets or sets what is added to the threshold of the variant's requests. The default is 0.</summary>
    public double ThresholdShift { get; set; }

    /// <summary>Gets or sets the policy that decides on the variant's requests instead of the usual one, or <see langword="null"/>. Its routes are those of the client.</summary>
    public IRoutingPolicy? Policy { get; set; }

    /// <summary>Gets what a decision says of the variant; made once, not for each.</summary>
    internal DecisionStep? Step { get; private set; }

    internal SplitVariant CopyFor(string split)
    {
        var copy = (SplitVariant)MemberwiseClone();
        copy.Step = new("split", $"{split}: {Name}");
        return copy;
    }

    /// <summary>Makes the request that the variant's policy is asked, with what the variant asks for where the request itself asks for nothing.</summary>
    internal RouteRequest Apply(RouteRequest request)
    {
        RouteOverrides? asked = request.Overrides;
        bool hasThreshold = asked is { Threshold: not null } or { StrongShare: not null };
        if (Threshold is null && StrongShare is null && Router is null)
        {
            return ThresholdShift == 0 ? request : request.Adjust(thresholdShift: ThresholdShift);
        }

        // A request that names a router or a threshold has made its own choice: the variant's would belong to another router.
        if (asked?.Router is not null || hasThreshold)
        {
            return request.Adjust(thresholdShift: ThresholdShift);
        }

        return request.Adjust((asked ?? new()) with { Threshold = Threshold, StrongShare = StrongShare, Router = Router }, ThresholdShift);
    }

    internal IEnumerable<string> FindErrors(string split, IRouterRegistry routers)
    {
        string name = $"Variant '{Name}' of split '{split}'";
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return $"A variant of split '{split}' has no name; set SplitVariant.Name.";
        }

        if (Weight is not (>= 0 and < double.PositiveInfinity))
        {
            yield return $"{name} has a Weight of {Weight}, but a weight is a finite number of at least 0.";
        }

        if (Threshold is not (null or (>= 0 and <= 1)))
        {
            yield return $"{name} has a Threshold of {Threshold}, but a threshold lies in [0, 1].";
        }

        if (StrongShare is not (null or (>= 0 and <= 1)))
        {
            yield return $"{name} has a StrongShare of {StrongShare}, but a share lies in [0, 1].";
        }

        if (ThresholdShift is not (>= -1 and <= 1))
        {
            yield return $"{name} has a ThresholdShift of {ThresholdShift}, but a shift lies in [-1, 1].";
        }

        if (Threshold is not null && StrongShare is not null)
        {
            yield return $"{name} has both a Threshold and a StrongShare; set one of them.";
        }

        if (Router is { } router)
        {
            if (routers.Find(router) is not { } found)
            {
                yield return $"{name} asks for the router '{router}', which there is not; registered are: {string.Join(", ", routers.Names)}.";
            }
            else if (StrongShare is not null && found.GetService<ScoreQuantiles>() is null)
            {
                yield return $"{name} has a StrongShare, but the router '{router}' knows no quantiles of its scores to turn it into a threshold; set Threshold instead.";
            }
        }
    }
}
