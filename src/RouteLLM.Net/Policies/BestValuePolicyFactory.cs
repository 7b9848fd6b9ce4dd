namespace RouteLLM;

/// <summary>Makes a <see cref="BestValuePolicy"/> over all routes, each of which needs a price.</summary>
public sealed class BestValuePolicyFactory : QualityPolicyFactory
{
    internal const string Kind = "best-value";

    /// <summary>Gets what quality is worth, the time limit, aliases and expected tokens.</summary>
    public BestValuePolicyOptions Options { get; } = new();

    private protected override QualityPolicyOptions QualityOptions => Options;

    private protected override IRoutingPolicy CreatePolicy(RoutingPolicyContext context, IQualityPredictor predictor) => new BestValuePolicy(context.Routes, predictor, Options, context.TimeProvider);
}
