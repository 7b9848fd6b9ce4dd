using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Splits requests over variants, for an A/B test: which one a request gets is decided by its key alone, so it is the same in every process, for as long as name and weights stay.</summary>
/// <remarks>
/// <para>
/// Keys are spread by a hash of <see cref="Name"/> and key: splits of other names split the same users independently. Weights that change move only the keys that have to move where the order of the variants stays. The variant is
/// <see cref="RouteDecision.Variant"/>, a step of the decision, the attribute <c>routellm.variant</c> of requests and costs in metrics, and <c>variant</c> in the decision log.
/// </para>
/// <para>Requests that belong to a route (pinned, provider state, tool results) are not split. A variant with a threshold, a share, a router or a policy of its own goes by that, also where <see cref="RoutedChatClientOptions.AdaptiveThreshold"/> sets that of the others.</para>
/// </remarks>
public sealed class TrafficSplit
{
    /// <summary>Gets or sets the split's name. The default is <c>split</c>.</summary>
    public string Name { get; set; } = "split";

    /// <summary>Gets the variants, at least one.</summary>
    public IList<SplitVariant> Variants { get; init; } = [];

    /// <summary>
    /// Gets or sets what gives a request's key, or <see langword="null"/>, the default, for the first there is of the user, the tenant, the conversation (<see cref="RouteRequest.Conversation"/>) and the prompt. Where the delegate gives
    /// <see langword="null"/>, the prompt is the key.
    /// </summary>
    public Func<RouteRequest, string?>? Key { get; set; }

    /// <summary>Gives the variant of a key.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The variant.</returns>
    /// <exception cref="InvalidOperationException">There are no variants.</exception>
    public SplitVariant VariantOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        double total = 0;
        for (int i = 0; i < Variants.Count; i++)
        {
            total += Variants[i].Weight;
        }

        double place = StableHash.ToUnit(Name, key) * total;
        SplitVariant? last = null;
        for (int i = 0; i < Variants.Count; i++)
        {
            if (Variants[i].Weight > 0)
            {
                last = Variants[i];
                place -= last.Weight;
                if (place < 0)
                {
                    break;
                }
            }
        }

        // Rounding may leave a last bit over, which is the last variant's.
        return last ?? throw new InvalidOperationException($"The split '{Name}' has no variant with a weight.");
    }

    /// <summary>Makes a copy, for options are read once.</summary>
    internal TrafficSplit Copy() => new() { Name = Name, Variants = [.. Variants.Select(variant => variant.CopyFor(Name))], Key = Key };

    internal string KeyOf(RouteRequest request) =>
        (Key is null ? request.User ?? request.Tenant ?? request.Conversation : Key(request)) ?? request.Prompt;

    /// <summary>Gives what is wrong with the split, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors(IRouterRegistry routers)
    {
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return "Split.Name is empty; a split needs a name, by which keys are spread.";
        }

        if (!Variants.Any(static variant => variant.Weight > 0))
        {
            yield return $"Split '{Name}' has no variant with a weight above 0; add variants to Split.Variants.";
        }

        foreach (IGrouping<string, SplitVariant> twice in Variants.GroupBy(static variant => variant.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1))
        {
            yield return $"Split '{Name}' has two variants named '{twice.Key}'; every variant needs a name of its own.";
        }

        foreach (string error in Variants.SelectMany(variant => variant.FindErrors(Name, routers)))
        {
            yield return error;
        }
    }
}
