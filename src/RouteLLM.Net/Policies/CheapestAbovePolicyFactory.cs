using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM;

/// <summary>Makes a <see cref="CheapestAbovePolicy"/> over all routes, each of which needs a price.</summary>
public sealed class CheapestAbovePolicyFactory : RoutingPolicyFactory
{
    internal const string Kind = "cheapest-above";

    /// <summary>Gets or sets the key under which the host has the <see cref="IQualityPredictor"/>, or <see langword="null"/>, the default, for the one that is registered without a key.</summary>
    public string? Predictor { get; set; }

    /// <summary>Gets the quality to reach, the time limit, aliases and expected tokens.</summary>
    public CheapestAbovePolicyOptions Options { get; } = new();

    /// <inheritdoc/>
    public override IRoutingPolicy CreatePolicy(RoutingPolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IQualityPredictor? predictor = Predictor is null ? context.Services.GetService<IQualityPredictor>() : context.Services.GetKeyedService<IQualityPredictor>(Predictor);
        return predictor is null
            ? throw new ArgumentException($"No IQualityPredictor is registered{(Predictor is null ? "" : $" under the key \"{Predictor}\"")}; register the predictor that the policy is to ask.", nameof(context))
            : new CheapestAbovePolicy(context.Routes, predictor, Options, context.TimeProvider);
    }

    /// <inheritdoc/>
    public override IEnumerable<string> FindErrors(MultiModelRoutingOptions options) => Options.FindErrors().Select(static error => $"Policy: {error}");
}
