using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>What the gates have admitted of the attempt under way; each admission is completed once.</summary>
internal sealed class AttemptAdmissions(RoutingPlan plan, RoutingTelemetry telemetry)
{
    private readonly List<RouteAdmission> _admitted = new(plan.Gates.Length);

    /// <summary>Asks the gates, in order.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>The refusal of one of them, after which those before it are told that no call was made; or <see langword="null"/> if all admit the attempt.</returns>
    public async ValueTask<RouteSkip?> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken)
    {
        foreach (IRouteGate gate in plan.Gates)
        {
            RouteAdmission admission = await gate.EnterAsync(attempt, cancellationToken).ConfigureAwait(false);
            if (admission.Refusal is { } refusal)
            {
                await CompleteAsync(attempt.Route, RouteAttemptResult.NotCalled).ConfigureAwait(false);
                return refusal;
            }

            _admitted.Add(admission);
        }

        return null;
    }

    /// <summary>Tells the gates what came of the attempt. What they throw is logged: it is too late for it to concern the request.</summary>
    public async ValueTask CompleteAsync(ModelRoute route, RouteAttemptResult result)
    {
        foreach (RouteAdmission admission in _admitted)
        {
            try
            {
                await admission.CompleteAsync(result).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                telemetry.GateFailed(route, error, plan);
            }
        }

        _admitted.Clear();
    }
}
