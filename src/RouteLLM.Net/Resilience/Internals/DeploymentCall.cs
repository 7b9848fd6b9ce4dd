using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace RouteLLM.Internals;

/// <summary>One call of one deployment.</summary>
internal sealed class DeploymentCall(RouteVisit visit, DeploymentLease lease)
{
    private readonly long _started = visit.Request.Plan.TimeProvider.GetTimestamp();

    public DeploymentSlot Slot => lease.Slot;

    private ModelRoute Route => visit.Route.Route;

    private TimeSpan Elapsed => visit.Request.Plan.TimeProvider.GetElapsedTime(_started);

    /// <summary>Makes a call, and says what came of it. Never throws.</summary>
    public static async ValueTask<Outcome<CallAnswer>> MakeAsync(ResilienceContext context, RouteVisit visit)
    {
        if (context.CancellationToken.IsCancellationRequested)
        {
            return Outcome.FromException<CallAnswer>(new OperationCanceledException(context.CancellationToken));
        }

        if (visit.Begin() is not { } call)
        {
            return Outcome.FromException<CallAnswer>(visit.LastError ?? new NoRouteAvailableException([visit.Request.Describe(visit.Route)]));
        }

        Outcome<CallAnswer> outcome;
        try
        {
            outcome = call.Slot.Pipeline is { } pipeline
                ? await pipeline.ExecuteOutcomeAsync(static async (inner, self) => await self.CallAsync(inner.CancellationToken).ConfigureAwait(false), context, call).ConfigureAwait(false)
                : await call.CallAsync(context.CancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            outcome = Outcome.FromException<CallAnswer>(error);
        }

        if (outcome.Exception is not { } failure)
        {
            return outcome;
        }

        try
        {
            return Outcome.FromException<CallAnswer>(call.Fail(failure, context.CancellationToken));
        }
        catch (Exception error)
        {
            // A delegate of the options' threw: the deployment is not to count as busy, or as being probed, for good.
            call.Abandon(error);
            return Outcome.FromException<CallAnswer>(error);
        }
    }

    public RouteAttempt ToAttempt(Exception? error) =>
        new(Route.Name, Slot.Deployment?.ModelId ?? Route.EffectiveModelId, error?.GetType().FullName) { Error = error, Duration = Elapsed, Deployment = Slot.Deployment?.Name };

    public string Describe() => Slot.Deployment is null ? $"Route '{Route.Name}'" : $"Deployment '{Slot.Name}' of route '{Route.Name}'";

    /// <summary>Ends the call as failed, with no verdict on the deployment.</summary>
    private void Abandon(Exception error)
    {
        lease.Release();
        visit.Fail(this, error, isRecorded: true);
    }

    /// <summary>Ends a stream that broke off.</summary>
    public void BreakOff(Exception error)
    {
        if (visit.Request.IsOver || !visit.Request.Plan.IsTransient(error))
        {
            lease.Release();
        }
        else
        {
            CoolDown(error);
        }
    }

    private async ValueTask<Outcome<CallAnswer>> CallAsync(CancellationToken cancellationToken)
    {
        RetryAfterMark? mark = null;
        try
        {
            ResilientCall request = visit.Request;
            ChatOptions? options = ProviderOptions.For(Route, Slot.Deployment, request.Options);
            mark = RetryAfterMark.Begin();
            if (visit.IsStreaming)
            {
                ResilientStream stream = await ResilientStream.OpenAsync(this, lease, request, options, cancellationToken).ConfigureAwait(false);
                lease.NoteOutput(Elapsed);
                return Outcome.FromResult(new CallAnswer(this, response: null, stream));
            }

            ChatResponse response = await AskAsync(options, cancellationToken).ConfigureAwait(false) ??
                throw new InvalidOperationException($"{Describe()} returned no response.");
            lease.NoteOutput(Elapsed);
            lease.Succeed();
            return Outcome.FromResult(new CallAnswer(this, response, stream: null));
        }
        catch (Exception error)
        {
            if (mark?.Value is { } asked && !error.Data.Contains(FailoverErrors.RetryAfterKey))
            {
                error.Data[FailoverErrors.RetryAfterKey] = asked;
            }

            return Outcome.FromException<CallAnswer>(error);
        }
    }

    private async Task<ChatResponse?> AskAsync(ChatOptions? options, CancellationToken cancellationToken)
    {
        // A source of its own: those of Polly's strategies are disposed as soon as they have cancelled, before they have told the model's client.
        var source = new CancellationTokenSource();
        Task<ChatResponse>? asked = null;
        CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), source);
        try
        {
            asked = Slot.Client.GetResponseAsync(visit.Request.Messages, options, source.Token);

            // Not every client minds its token; one that hangs is left to itself.
            return await asked.WaitAsync(source.Token).ConfigureAwait(false);
        }
        finally
        {
            if (asked is { IsCompleted: false })
            {
                _ = asked.ContinueWith(
                    static (task, source) =>
                    {
                        // Looked at, so that it is not reported as unobserved.
                        _ = task.Exception;
                        ((CancellationTokenSource)source!).Dispose();
                    }, source, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
            else
            {
                await registration.DisposeAsync().ConfigureAwait(false);
                source.Dispose();
            }
        }
    }

    /// <summary>Ends the call as failed, and gives the error as the caller is to see it.</summary>
    private Exception Fail(Exception error, CancellationToken cancellationToken)
    {
        ResilientCall request = visit.Request;
        if (cancellationToken.IsCancellationRequested)
        {
            // The caller cancelled, the time for the whole request is up, another call was faster, or a pipeline of the user's gave up on this one.
            lease.Release();
            error = request.IsCancelled ? error
                : request.IsTimedOut ? request.MakeTimeout(error)
                : new OperationCanceledException("The call was given up: another of the same route was answered first, or the route's own pipeline ended it.", error, cancellationToken);
            visit.Fail(this, error, isRecorded: !request.IsCancelled);
            return error;
        }

        if (error is BrokenCircuitException && Slot.Breaker is not null)
        {
            // Not called at all: the breaker opened, or lets another probe pass, since the deployment was chosen.
            lease.Release();
            visit.Reject(this, error);
            return error;
        }

        // One of another length comes from a pipeline of the provider's own client.
        if (error is TimeoutRejectedException rejected && rejected.Timeout == (visit.IsStreaming ? visit.Route.FirstUpdateTimeout : visit.Route.AttemptTimeout))
        {
            error = new TimeoutException(
                $"{Describe()} gave no {(visit.IsStreaming ? "update" : "response")} within {rejected.Timeout}; if it needs longer, raise {nameof(RouteResilienceOptions.AttemptTimeout)}{(visit.IsStreaming ? $" or {nameof(RouteResilienceOptions.FirstUpdateTimeout)}" : "")}.", rejected);
        }

        if (request.Plan.IsTransient(error))
        {
            CoolDown(error);
        }
        else
        {
            lease.Release();
        }

        visit.Fail(this, error, isRecorded: true);
        return error;
    }

    private void CoolDown(Exception error)
    {
        if (lease.Fail(error) is { } period)
        {
            visit.Request.Telemetry.CooledDown(visit.Request.Activity, Route, Slot.Name, period, error, visit.Request.RoutingPlan);
        }
    }
}
