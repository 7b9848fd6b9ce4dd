using System.Globalization;

namespace RouteLLM.Internals;

/// <summary>Applies rules, and the thresholds of tenants and users, to requests on their way to the policy within.</summary>
internal sealed class RulesPolicy : IRoutingPolicy
{
    private readonly IRoutingPolicy _inner;
    private readonly RuleMatcher[] _rules;
    private readonly Dictionary<string, ModelRoute[]> _orders;
    private readonly RuleExamples? _examples;
    private readonly Dictionary<string, OwnThreshold> _tenants;
    private readonly Dictionary<string, OwnThreshold> _users;

    private RulesPolicy(IRoutingPolicy inner, IReadOnlyList<ModelRoute> routes, RoutedChatClientOptions options)
    {
        _inner = inner;
        _rules = [.. options.Rules.Select(static (rule, index) => new RuleMatcher(rule, NameOf(rule, index)))];
        _orders = routes.ToDictionary(static route => route.Name, route => (ModelRoute[])[route, .. routes.Where(other => other != route)], StringComparer.Ordinal);
        _examples = options.Rules.Any(static rule => rule.Examples.Count > 0) ? new([.. options.Rules], options.RuleEmbedder ?? new HashedTextEmbeddingGenerator()) : null;
        _tenants = options.TenantThresholds.ToDictionary(static pair => pair.Key, static pair => OwnThreshold.Of("tenant", pair.Value), StringComparer.Ordinal);
        _users = options.UserThresholds.ToDictionary(static pair => pair.Key, static pair => OwnThreshold.Of("user", pair.Value), StringComparer.Ordinal);
    }

    /// <summary>Puts rules around a policy, or gives it back as it is if there are none.</summary>
    /// <exception cref="ArgumentException">A rule is not valid, or names a route that there is not.</exception>
    public static IRoutingPolicy Wrap(IRoutingPolicy inner, IReadOnlyList<ModelRoute> routes, RoutedChatClientOptions options)
    {
        foreach ((int index, RoutingRule rule) in options.Rules.Index())
        {
            if (rule.Route is { } target && !routes.Any(route => route.Name == target))
            {
                throw new ArgumentException($"{NameOf(rule, index)} sends requests to the route '{target}', which there is not. Routes: {string.Join(", ", routes)}.");
            }
        }

        return options.Rules.Count + options.TenantThresholds.Count + options.UserThresholds.Count == 0 ? inner : new RulesPolicy(inner, routes, options);
    }

    public static string NameOf(RoutingRule? rule, int index) => rule?.Name is { Length: > 0 } name ? $"Rule '{name}'" : string.Create(CultureInfo.InvariantCulture, $"Rule {index + 1}");

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        var verdict = new Verdict();
        var facts = new PromptFacts();
        for (int i = 0; i < _rules.Length; i++)
        {
            if (_rules[i].Matches(request, ref facts, out bool timedOut))
            {
                if (_rules[i].Rule.Examples.Count > 0)
                {
                    return DecideByExamplesAsync(i, request, verdict, facts, cancellationToken);
                }

                if (verdict.Add(_rules[i]))
                {
                    break;
                }
            }
            else if (timedOut)
            {
                verdict.Note($"{_rules[i].Name}: the pattern took longer than {_rules[i].Rule.PatternTimeout.TotalMilliseconds:0} ms");
            }
        }

        return Apply(request, verdict, cancellationToken);
    }

    private async ValueTask<RouteDecision> DecideByExamplesAsync(int index, RouteRequest request, Verdict verdict, PromptFacts facts, CancellationToken cancellationToken)
    {
        double[] similarities;
        try
        {
            similarities = await _examples!.CompareAsync(request.Prompt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // A request is not lost for want of a rule.
            verdict.Note($"{_rules[index].Name}: comparing with its examples failed ({error.GetType().Name})");
            similarities = [.. Enumerable.Repeat(double.NaN, _rules.Length)];
        }

        for (int i = index; i < _rules.Length; i++)
        {
            if (_rules[i].Matches(request, ref facts, out bool timedOut))
            {
                bool hasExamples = _rules[i].Rule.Examples.Count > 0;
                if ((!hasExamples || similarities[i] >= _rules[i].Rule.MinSimilarity) && verdict.Add(_rules[i], hasExamples ? similarities[i] : null))
                {
                    break;
                }
            }
            else if (timedOut)
            {
                verdict.Note($"{_rules[i].Name}: the pattern took longer than {_rules[i].Rule.PatternTimeout.TotalMilliseconds:0} ms");
            }
        }

        return await Apply(request, verdict, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<RouteDecision> Apply(RouteRequest request, Verdict verdict, CancellationToken cancellationToken)
    {
        if (verdict.Route is { } route)
        {
            return new(new RouteDecision(_orders[route], RouteReasons.Rule) { Steps = verdict.Steps ?? [] });
        }

        RouteOverrides? overrides = request.Overrides;
        if (overrides is not ({ Threshold: not null } or { StrongShare: not null }))
        {
            if (verdict.Threshold is null && FindOwnThreshold(request) is { } own)
            {
                verdict.Threshold = own.Threshold;
                verdict.Note(own.Step);
            }

            overrides = verdict.Threshold is { } threshold ? (overrides ?? new()) with { Threshold = threshold } : overrides;
        }

        RouteRequest adjusted = overrides == request.Overrides && verdict.Shift == 0 ? request : request.Adjust(overrides, verdict.Shift);
        ValueTask<RouteDecision> decision = _inner.DecideAsync(adjusted, cancellationToken);
        return verdict.Steps is null ? decision : ExplainAsync(decision, verdict.Steps);
    }

    private static async ValueTask<RouteDecision> ExplainAsync(ValueTask<RouteDecision> decision, DecisionStep[] steps)
    {
        RouteDecision explained = await decision.ConfigureAwait(false);
        foreach (DecisionStep step in steps)
        {
            explained = explained.With(step: step);
        }

        return explained;
    }

    private OwnThreshold? FindOwnThreshold(RouteRequest request) =>
        request.User is not null && _users.TryGetValue(request.User, out OwnThreshold? user) ? user
        : request.Tenant is not null && _tenants.TryGetValue(request.Tenant, out OwnThreshold? tenant) ? tenant
        : null;

    /// <summary>The threshold of a tenant or a user, and the step that it is in decisions.</summary>
    private sealed record OwnThreshold(double Threshold, DecisionStep Step)
    {
        public static OwnThreshold Of(string whose, double threshold) =>
            new(threshold, new("rule", string.Create(CultureInfo.InvariantCulture, $"the {whose}'s own threshold {threshold}")));
    }

    /// <summary>What the rules come to for one request.</summary>
    private struct Verdict
    {
        public string? Route { get; private set; }

        public double? Threshold { get; set; }

        public double Shift { get; private set; }

        public DecisionStep[]? Steps { get; private set; }

        /// <summary>Adds a rule that matched, and tells whether it ends the rules.</summary>
        public bool Add(RuleMatcher matched, double? similarity = null)
        {
            RoutingRule rule = matched.Rule;
            Route = rule.Route;
            Threshold = rule.Threshold;
            Shift += rule.Shift ?? 0;
            string what = rule.Route is { } route ? $"the route '{route}'"
                : rule.Threshold is { } threshold ? string.Create(CultureInfo.InvariantCulture, $"the threshold {threshold}")
                : string.Create(CultureInfo.InvariantCulture, $"a shift of {rule.Shift:+0.###;-0.###;0}");
            Note(similarity is { } cosine ? string.Create(CultureInfo.InvariantCulture, $"{matched.Name}: {what} (similarity {cosine:0.00})") : $"{matched.Name}: {what}");
            return Route is not null || Threshold is not null;
        }

        public void Note(string detail) => Note(new DecisionStep("rule", detail));

        public void Note(DecisionStep step) => Steps = Steps is null ? [step] : [.. Steps, step];
    }
}
