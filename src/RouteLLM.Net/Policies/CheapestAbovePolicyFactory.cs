namespace RouteLLM;

/// <summary>Makes a <see cref="CheapestAbovePolicy"/> over all routes, each of which needs a price.</summary>
public sealed class CheapestAbovePolicyFactory : QualityPolicyFactory
{
    internal const string Kind = "cheapest-above";

    /// <summary>Gets the quality to reach, the time limit, aliases and expected tokens.</summary>
    public CheapestAbovePolicyOptions Options { get; } = new();

    private protected override QualityPolicyOptions QualityOptions => Options;

    private protected override IRoutingPolicy CreatePolicy(RoutingPolicyContext context, IQualityPredictor predictor) => new CheapestAbovePolicy(context.Routes, predictor, Options, context.TimeProvider);
}
