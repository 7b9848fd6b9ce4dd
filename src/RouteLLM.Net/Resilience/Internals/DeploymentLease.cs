namespace RouteLLM.Internals;

/// <summary>A call of a deployment that is under way, for its health: ends exactly once.</summary>
internal sealed class DeploymentLease(RouteResilience route, DeploymentSlot slot, bool isProbe, bool streaming, ResiliencePlan plan, DeploymentHealth health)
{
    private bool _ended;

    public DeploymentSlot Slot => slot;

    /// <summary>Notes that the deployment gave a response, or the first update of a stream.</summary>
    /// <param name="latency">How long that took.</param>
    public void NoteOutput(TimeSpan latency)
    {
        lock (health.Lock)
        {
            slot.State.NoteOutput(isProbe, streaming, latency, plan.TimeProvider.GetTimestamp());
        }
    }

    /// <summary>Ends the call: it went well.</summary>
    public void Succeed() => End(static state => state.NoteSuccess());

    /// <summary>Ends the call with no verdict: it was cancelled, never made, or failed in a way that says nothing about the deployment.</summary>
    public void Release() => End(static _ => { });

    /// <summary>Ends the call: it failed in a way that counts.</summary>
    /// <param name="error">The failure.</param>
    /// <returns>How long the deployment cools down from now on, or <see langword="null"/> if it does not, or did already.</returns>
    public TimeSpan? Fail(Exception error)
    {
        TimeSpan? retryAfter = route.HasCooldown ? plan.RetryAfter(error) : null;
        if (slot.Breaker?.CircuitState == Polly.CircuitBreaker.CircuitState.Open && !(retryAfter > route.BreakDuration))
        {
            retryAfter = route.BreakDuration;
        }

        TimeSpan? cooling = null;
        End(state => cooling = state.NoteFailure(isProbe, retryAfter, route.Cooldown, plan.TimeProvider.GetTimestamp(), plan.TimeProvider));
        return cooling;
    }

    private void End(Action<DeploymentState> note)
    {
        lock (health.Lock)
        {
            if (!_ended)
            {
                _ended = true;
                note(slot.State);
                slot.State.Leave(isProbe);
            }
        }
    }
}
