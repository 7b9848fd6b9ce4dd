using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM;

/// <summary>Makes a policy that asks a quality predictor of the host, over all routes, each of which needs a price.</summary>
public abstract class QualityPolicyFactory : RoutingPolicyFactory
{
    /// <summary>Gets or sets the key under which the host has the <see cref="IQualityPredictor"/>, or <see langword="null"/>, the default, for the one that is registered without a key.</summary>
    public string? Predictor { get; set; }

    private protected abstract QualityPolicyOptions QualityOptions { get; }

    /// <inheritdoc/>
    public sealed override IRoutingPolicy CreatePolicy(RoutingPolicyContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        IQualityPredictor? predictor = Predictor is null ? context.Services.GetService<IQualityPredictor>() : context.Services.GetKeyedService<IQualityPredictor>(Predictor);
        return predictor is null
            ? throw new ArgumentException($"No IQualityPredictor is registered{(Predictor is null ? "" : $" under the key \"{Predictor}\"")}; register the predictor that the policy is to ask.", nameof(context))
            : CreatePolicy(context, predictor);
    }

    /// <inheritdoc/>
    public sealed override IEnumerable<string> FindErrors(MultiModelRoutingOptions options) => QualityOptions.FindErrors().Select(static error => $"Policy: {error}");

    private protected abstract IRoutingPolicy CreatePolicy(RoutingPolicyContext context, IQualityPredictor predictor);
}
