using System.Diagnostics.CodeAnalysis;

namespace RouteLLM.Internals;

/// <summary>Removes the routes that cannot or may not take a request from what the policy within decides; the outermost policy of the chain.</summary>
/// <remarks>Where one route is left, the policy within is not asked; where nothing is removed, its decision passes untouched.</remarks>
internal sealed class ConstraintPolicy : IRoutingPolicy
{
    private readonly IRoutingPolicy _inner;
    private readonly (ModelRoute Route, IRouteConstraint[] Constraints)[] _routes;
    private readonly SafetyCheck? _safety;

    private ConstraintPolicy(IRoutingPolicy inner, (ModelRoute Route, IRouteConstraint[] Constraints)[] routes, SafetyCheck? safety) =>
        (_inner, _routes, _safety) = (inner, routes, safety);

    /// <summary>Puts constraints around a policy, or gives it back as it is if nothing constrains the routes.</summary>
    public static IRoutingPolicy Wrap(IRoutingPolicy inner, IReadOnlyList<ModelRoute> routes, RoutedChatClientOptions options, TimeProvider timeProvider)
    {
        (ModelRoute Route, IRouteConstraint[] Constraints)[] constrained = [.. routes.Select(route => (route, options.Constraints.Where(constraint => constraint.Concerns(route)).ToArray()))];
        SafetyCheck? safety = SafetyCheck.Create(options.Safety, routes, timeProvider);
        return safety is null && Array.TrueForAll(constrained, static route => route.Constraints.Length == 0) ? inner : new ConstraintPolicy(inner, constrained, safety);
    }

    public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
        _safety is null ? DecideWithin(request, null, cancellationToken) : DecideSafelyAsync(request, owned: null, cancellationToken);

    /// <summary>Constrains a decision that was not the policy's: of a request that belongs to a route.</summary>
    /// <exception cref="NoRouteAvailableException">The route is removed.</exception>
    public ValueTask<RouteDecision> ConstrainAsync(RouteRequest request, RouteDecision owned, CancellationToken cancellationToken) =>
        _safety is null ? new(Filter(owned, FindSkips(request, null), null)) : DecideSafelyAsync(request, owned, cancellationToken);

    private async ValueTask<RouteDecision> DecideSafelyAsync(RouteRequest request, RouteDecision? owned, CancellationToken cancellationToken)
    {
        SafetyVerdict? verdict = await _safety!.JudgeAsync(request, cancellationToken).ConfigureAwait(false);
        return owned is null
            ? await DecideWithin(request, verdict, cancellationToken).ConfigureAwait(false)
            : Filter(owned, FindSkips(request, verdict), verdict);
    }

    private ValueTask<RouteDecision> DecideWithin(RouteRequest request, SafetyVerdict? verdict, CancellationToken cancellationToken)
    {
        List<RouteSkip>? skips = FindSkips(request, verdict);
        if (skips is null && verdict is null)
        {
            return _inner.DecideAsync(request, cancellationToken);
        }

        int left = _routes.Length - (skips?.Count ?? 0);
        if (left == 0)
        {
            throw new NoRouteAvailableException(skips!);
        }

        if (left == 1 && skips is not null)
        {
            ModelRoute only = Array.Find(_routes, route => !skips.Exists(skip => skip.Route == route.Route.Name)).Route;
            return new(new RouteDecision([only], RouteReasons.OnlyCandidate) { Skips = skips, Steps = verdict?.Steps ?? [] });
        }

        return DecideAndFilterAsync(request, skips, verdict, cancellationToken);
    }

    private async ValueTask<RouteDecision> DecideAndFilterAsync(RouteRequest request, List<RouteSkip>? skips, SafetyVerdict? verdict, CancellationToken cancellationToken) =>
        Filter(await _inner.DecideAsync(request, cancellationToken).ConfigureAwait(false), skips, verdict);

    private List<RouteSkip>? FindSkips(RouteRequest request, SafetyVerdict? verdict)
    {
        List<RouteSkip>? skips = null;
        foreach ((ModelRoute route, IRouteConstraint[] constraints) in _routes)
        {
            if (TryFindSkip(request, route, constraints, verdict, out RouteSkip? skip))
            {
                (skips ??= []).Add(skip);
            }
        }

        return skips;
    }

    private static bool TryFindSkip(RouteRequest request, ModelRoute route, IRouteConstraint[] constraints, SafetyVerdict? verdict, [NotNullWhen(true)] out RouteSkip? skip)
    {
        skip = verdict?.FindSkip(route);
        foreach (IRouteConstraint constraint in constraints)
        {
            if (skip is not null)
            {
                break;
            }

            if (constraint is AbilityConstraint)
            {
                skip = AbilityConstraint.FindMissing(request, route) is { } missing ? new(route.Name, missing.Name, missing.Detail) : null;
            }
            else if (constraint.FindObjection(request, route) is { } objection)
            {
                skip = new(route.Name, constraint.Name, objection);
            }
        }

        return skip is not null;
    }

    private RouteDecision Filter(RouteDecision decision, List<RouteSkip>? skips, SafetyVerdict? verdict)
    {
        RouteDecision filtered = decision;
        if (skips is not null)
        {
            ModelRoute[] left = [.. decision.Routes.Where(route => !skips.Exists(skip => skip.Route == route.Name))];
            if (left.Length == 0)
            {
                // What else could take it was not for this request to use: it is pinned, or the policy did not list it.
                bool isPolicys = decision.Reason is not (RouteReasons.Pinned or RouteReasons.ProviderState or RouteReasons.ToolResult);
                throw new NoRouteAvailableException([
                    .. skips,
                    .. _routes.Where(route => !skips.Exists(skip => skip.Route == route.Route.Name))
                        .Select(route => decision.Skips.FirstOrDefault(skip => skip.Route == route.Route.Name) ?? new RouteSkip(route.Route.Name, isPolicys ? "policy" : decision.Reason, isPolicys ? "the policy does not list it" : "the request belongs to another route")),
                ]);
            }

            filtered = decision.With(routes: left.Length == decision.Routes.Count ? null : left, skips: skips);
        }

        foreach (DecisionStep step in verdict?.Steps ?? [])
        {
            filtered = filtered.With(step: step);
        }

        return filtered;
    }
}
