using System.Diagnostics;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>One request on its way: which routes were tried, which is next, and what came of it.</summary>
internal sealed class RoutedCall(RoutingPlan plan, RouteDecision decision, int? cluster, TimeSpan decisionTime, Activity? activity, RoutingTelemetry telemetry)
{
    private static readonly RouteAttempt[] s_none = [];

    private RouteAttempt[] _failed = s_none;
    private ModelRoute _route = decision.Routes[0];
    private ModelRoute? _failedRoute;
    private long _started;

    /// <summary>Gets the route to call now.</summary>
    public ModelRoute Route => _route;

    /// <summary>Begins an attempt at the current route, unless the caller has cancelled in the meantime.</summary>
    /// <param name="cancellationToken">The caller's token.</param>
    public void BeginAttempt(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_failedRoute is not null)
        {
            telemetry.FailedOver(activity, _failedRoute, _route, _failed[^1].Error!, plan);
        }

        _started = Stopwatch.GetTimestamp();
    }

    /// <summary>Moves on to the next route after the current one failed before giving output, or throws what the caller is to see.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns><see langword="true"/> if there is another route to call; <see langword="false"/> if <paramref name="error"/> itself is to be thrown on.</returns>
    public bool TryMoveOn(Exception error, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            ThrowCancelled(error, cancellationToken);
            return false;
        }

        _failed = [.. _failed, new(_route.Name, _route.EffectiveModelId, error.GetType().FullName) { Error = error, Duration = Stopwatch.GetElapsedTime(_started) }];
        ModelRoute? next = plan.FailOver && plan.ShouldFailOver(error) ? NextRoute() : null;
        if (next is not null)
        {
            _failedRoute = _route;
            _route = next;
            return true;
        }

        telemetry.Failed(activity, _route, error, plan);
        return _failed.Length > 1 ? throw new RoutesFailedException(_failed) : false;
    }

    /// <summary>Reports a failure after output began, which ends the call; throws what the caller is to see if that is not <paramref name="error"/> itself.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public void FailedMidStream(Exception error, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            ThrowCancelled(error, cancellationToken);
        }
        else
        {
            telemetry.Failed(activity, _route, error, plan);
        }
    }

    /// <summary>Gives the outcome, once the current route has answered.</summary>
    /// <param name="modelId">The model as the provider named it, or <see langword="null"/>.</param>
    public RouteOutcome Succeed(string? modelId)
    {
        activity?.SetTag(RoutingTelemetryNames.Route, _route.Name);
        return new RouteOutcome
        {
            Route = _route.Name,
            ModelId = modelId ?? _route.EffectiveModelId,
            Reason = decision.Reason,
            Router = decision.Router,
            WinProbability = decision.WinProbability,
            Threshold = decision.Threshold,
            Cluster = cluster,
            DecisionTime = decisionTime,
            Decision = decision,
            FailedAttempts = _failed,
            AnswerTime = Stopwatch.GetElapsedTime(_started),
        };
    }

    /// <summary>Throws the caller's own cancellation, unless <paramref name="error"/> is just that: a provider may link the token to one of its own, or answer with a closed connection.</summary>
    private void ThrowCancelled(Exception error, CancellationToken cancellationToken)
    {
        RoutingTelemetry.Cancelled(activity);
        if (error is not OperationCanceledException cancelled || cancelled.CancellationToken != cancellationToken)
        {
            throw new OperationCanceledException("The request was cancelled by its caller.", error, cancellationToken);
        }
    }

    // Never the same route twice, whatever a policy lists.
    private ModelRoute? NextRoute()
    {
        foreach (ModelRoute route in decision.Routes)
        {
            if (!Array.Exists(_failed, attempt => attempt.Route == route.Name))
            {
                return route;
            }
        }

        return null;
    }
}
