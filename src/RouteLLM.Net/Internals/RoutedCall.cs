using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>One request on its way: which routes were tried, which is next, what came of it, and who is told.</summary>
/// <remarks>Every way out of a call passes <see cref="EndAsync(RouteAttemptStatus, Exception?, ChatResponse?)"/>, which completes the admissions of the attempt under way and tells the observers, once.</remarks>
internal sealed class RoutedCall(RoutingPlan plan, RouteRequest request, RouteDecision decision, long started, TimeSpan decisionTime, Activity? activity, RoutingTelemetry telemetry)
{
    private static readonly RouteAttempt[] s_none = [];

    private RouteAttempt[] _failed = s_none;
    private ModelRoute _route = decision.Routes[0];
    private readonly ResilientCall? _resilient = plan.Resilience is null ? null : new(plan, request, decision, started, activity, telemetry);
    private UsageMeter? _meter;
    private RouteOutcome? _outcome;
    private CallNotes? _notes;
    private long _attemptStarted;
    private bool _ended;

    /// <summary>Gets the plan that the call follows.</summary>
    public RoutingPlan Plan => plan;

    /// <summary>Gets the route to call now.</summary>
    public ModelRoute Route => _route;

    /// <summary>Gets what makes the calls of a request whose routes may be called more than once, or <see langword="null"/> if each is called once at most.</summary>
    public ResilientCall? Resilient => _resilient;

    /// <summary>Gets who makes the provider's state now: the route, or one of its deployments.</summary>
    public string Owner => _resilient?.Slot?.Owner ?? _route.Name;

    private bool HasAudience => plan.Observers.Length > 0 || plan.Gates.Length > 0 || telemetry.WantsCompleted(activity);

    private CallNotes Noted => _notes ??= new();

    private RouteAttempt[] Failed => _resilient?.GetFailed() ?? _failed;

    private IReadOnlyList<RouteSkip> Skips => _notes?.Skips is { Count: > 0 } skips ? [.. decision.Skips, .. skips] : decision.Skips;

    /// <summary>Has the gates admit an attempt at the current route, or at the next one that they admit, unless the caller has cancelled in the meantime.</summary>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <exception cref="NoRouteAvailableException">The gates admit no route, and none was called.</exception>
    public ValueTask EnterAsync(CancellationToken cancellationToken) =>
        plan.Gates.Length > 0 || _resilient is not null || cancellationToken.IsCancellationRequested ? EnterGatesAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Begins the attempt at the current route. To be called by the method that then calls the route's client, for the sake of what flows with its execution.</summary>
    public void BeginAttempt()
    {
        if (_notes?.FailedRoute is { } failed)
        {
            telemetry.FailedOver(activity, failed, _route, _notes.Failure!, plan);
            _notes.Mark = null;
        }

        _meter = HasAudience || _route.Profile.Price is not null ? new(request, _route) : null;
        if (_route.HasMiddleware)
        {
            Noted.Mark = ModelCallMark.Begin();
        }

        _attemptStarted = plan.TimeProvider.GetTimestamp();
    }

    /// <summary>Makes current again what flows with the execution of an attempt: while the consumer of a stream had an update, its own was. To be called by the method that then asks for the next.</summary>
    public void ResumeAttempt()
    {
        if (activity is not null)
        {
            Activity.Current = activity;
        }

        _notes?.Mark?.Resume();
    }

    /// <summary>Moves on to the next route after the current one failed before giving output, or throws what the caller is to see.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns><see langword="true"/> if there is another route to call; <see langword="false"/> if <paramref name="error"/> itself is to be thrown on.</returns>
    public async ValueTask<bool> TryMoveOnAsync(Exception error, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(RouteAttemptStatus.Cancelled, error).ConfigureAwait(false);
            ThrowCancelled(error, cancellationToken);
            return false;
        }

        NoteFailure(error);
        ModelRoute? next;
        try
        {
            next = plan.FailOver && _resilient is null or { HasCallsLeft: true, IsTimedOut: false } && plan.ShouldFailOver(error) ? NextRoute() : null;
        }
        catch (Exception thrown)
        {
            await EndAsync(RouteAttemptStatus.Failed, thrown).ConfigureAwait(false);
            throw;
        }

        if (next is not null)
        {
            await CompleteAdmissionsAsync(new(RouteAttemptStatus.Failed, Error: error)).ConfigureAwait(false);
            Noted.FailedRoute = _route;
            Noted.Failure = error;
            _route = next;
            return true;
        }

        telemetry.Failed(activity, _route, error, plan);
        RoutesFailedException? all = _failed.Length > 1 ? new(_failed) : null;
        await EndAsync(RouteAttemptStatus.Failed, all ?? error).ConfigureAwait(false);
        return all is null ? false : throw all;
    }

    /// <summary>Reports a failure after output began, which ends the call; throws what the caller is to see if that is not <paramref name="error"/> itself.</summary>
    /// <param name="error">The failure.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    public async ValueTask FailMidStreamAsync(Exception error, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            await EndAsync(RouteAttemptStatus.Cancelled, error).ConfigureAwait(false);
            ThrowCancelled(error, cancellationToken);
        }
        else
        {
            telemetry.Failed(activity, _route, error, plan);
            await EndAsync(RouteAttemptStatus.Failed, error).ConfigureAwait(false);
        }
    }

    /// <summary>Ends the call with the current route's response, and gives the outcome.</summary>
    /// <param name="response">The response.</param>
    public async ValueTask<RouteOutcome> SucceedAsync(ChatResponse response)
    {
        _meter?.Add(response);
        RouteOutcome outcome = Answer(response.ModelId);
        await EndAsync(RouteAttemptStatus.Answered, error: null, response).ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Takes note of the first update of a stream, and gives the outcome, to which its end adds what was used.</summary>
    /// <param name="first">The first update.</param>
    public RouteOutcome BeginStream(ChatResponseUpdate first)
    {
        RouteOutcome outcome = Answer(first.ModelId);
        Note(first);
        return outcome;
    }

    /// <summary>Takes note of an update of a stream.</summary>
    /// <param name="update">The update.</param>
    public void Note(ChatResponseUpdate update)
    {
        _meter?.Add(update);
        if (plan.WantsResponse)
        {
            (Noted.Updates ??= []).Add(update);
        }
    }

    /// <summary>Ends the call: completes what the gates admitted, and tells the observers. Only the first end counts.</summary>
    /// <param name="status">How the last attempt ended.</param>
    /// <param name="error">What the caller sees, or <see langword="null"/>.</param>
    /// <param name="response">The response, or <see langword="null"/> if there is none, or it was streamed.</param>
    public ValueTask EndAsync(RouteAttemptStatus status, Exception? error = null, ChatResponse? response = null)
    {
        if (_ended)
        {
            return ValueTask.CompletedTask;
        }

        _ended = true;
        _resilient?.Dispose();
        bool isFromCache = _notes?.Mark is { IsCalled: false };
        if (status == RouteAttemptStatus.Answered)
        {
            // A stream without a single update is an answer too.
            _outcome ??= Answer(modelId: null);
            status = isFromCache ? RouteAttemptStatus.AnsweredFromCache : status;
        }

        // Middleware may have given updates of its own before it called the model.
        _outcome?.End(isFromCache);
        _meter?.Complete(isFromCache, isAnswer: status is RouteAttemptStatus.Answered or RouteAttemptStatus.AnsweredFromCache);
        return HasAudience ? TellAsync(status, error, response) : ValueTask.CompletedTask;
    }

    private async ValueTask EnterGatesAsync(CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            while (await AskGatesAsync(cancellationToken).ConfigureAwait(false) is { } refusal)
            {
                Noted.Skips.Add(refusal);
                telemetry.Logger.Skipped(refusal.Route, refusal.Cause, refusal.Detail);
                ModelRoute? next = NextRoute();
                if (next is null && _resilient is not null && await _resilient.TryWaitAsync(Noted.Skips).ConfigureAwait(false))
                {
                    next = NextRoute();
                }

                _route = next ?? throw NothingLeft();
            }
        }
        catch (Exception error)
        {
            // What the gates before the one that threw have admitted was not called.
            await CompleteAdmissionsAsync(RouteAttemptResult.NotCalled).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                await EndAsync(RouteAttemptStatus.Cancelled, error).ConfigureAwait(false);
                ThrowCancelled(error, cancellationToken);
            }
            else
            {
                telemetry.Refused(activity, error, plan);
                await EndAsync(_failed.Length > 0 ? RouteAttemptStatus.Failed : RouteAttemptStatus.NotCalled, error).ConfigureAwait(false);
            }

            throw;
        }
    }

    private async ValueTask<RouteSkip?> AskGatesAsync(CancellationToken cancellationToken)
    {
        if (_resilient?.Enter(_route, cancellationToken) is { } cooling)
        {
            return cooling;
        }

        if (plan.Gates.Length == 0)
        {
            return null;
        }

        RouteSkip? refusal = await (Noted.Admissions ??= new(plan, telemetry))
            .EnterAsync(new(request, decision, _route, (_resilient?.Calls ?? _failed.Length) + 1), cancellationToken).ConfigureAwait(false);
        if (refusal is not null)
        {
            _resilient?.Leave();
        }

        return refusal;
    }

    /// <summary>Makes the exception for when the gates refuse all routes that are left.</summary>
    private Exception NothingLeft()
    {
        if (_failed.Length == 1)
        {
            ExceptionDispatchInfo.Throw(_failed[0].Error!);
        }

        return _failed.Length > 0 ? new RoutesFailedException(_failed) : new NoRouteAvailableException([.. Skips]);
    }

    private RouteOutcome Answer(string? modelId)
    {
        activity?.SetTag(RoutingTelemetryNames.Route, _route.Name);
        long now = plan.TimeProvider.GetTimestamp();
        if (HasAudience)
        {
            Noted.TimeToFirstUpdate = plan.TimeProvider.GetElapsedTime(started, now);
        }

        return _outcome = new RouteOutcome
        {
            Route = _route.Name,
            Deployment = _resilient?.Slot?.Deployment?.Name,
            ModelId = modelId ?? _resilient?.Slot?.Deployment?.ModelId ?? _route.EffectiveModelId,
            Reason = decision.Reason,
            Router = decision.Router,
            WinProbability = decision.WinProbability,
            Threshold = decision.Threshold,
            Cluster = request.Cluster,
            DecisionTime = decisionTime,
            Decision = decision,
            Meter = _meter,
            FailedAttempts = Failed,
            FromCache = _notes?.Mark is { IsCalled: false },
            Skips = Skips,
            AnswerTime = plan.TimeProvider.GetElapsedTime(_attemptStarted, now),
        };
    }

    private async ValueTask TellAsync(RouteAttemptStatus status, Exception? error, ChatResponse? response)
    {
        await CompleteAdmissionsAsync(new(status, _meter?.Usage, _meter is { IsEstimated: true }, _meter?.Cost, error)).ConfigureAwait(false);
        if (plan.Observers.Length == 0 && !telemetry.WantsCompleted(activity))
        {
            return;
        }

        var record = new RouteRecord
        {
            Time = plan.TimeProvider.GetUtcNow() - plan.TimeProvider.GetElapsedTime(started),
            Request = request,
            Decision = decision,
            Status = status,
            Outcome = _outcome,
            Attempts = _outcome?.Attempts ?? Failed,
            Usage = _meter?.Usage,
            IsUsageEstimated = _meter is { IsEstimated: true },
            Cost = _meter?.Cost,
            Duration = plan.TimeProvider.GetElapsedTime(started),
            TimeToFirstUpdate = _notes?.TimeToFirstUpdate,
            Error = error,
            Skips = _outcome?.Skips ?? Skips,
            Response = !plan.WantsResponse || status is not (RouteAttemptStatus.Answered or RouteAttemptStatus.AnsweredFromCache) ? null : response ?? (_notes?.Updates ?? []).ToChatResponse(),
            EnableSensitiveData = plan.EnableSensitiveData,
            Routes = plan.Routes,
        };
        telemetry.Completed(activity, record);
        plan.Tell(record, telemetry);
    }

    private ValueTask CompleteAdmissionsAsync(RouteAttemptResult result) => _notes?.Admissions?.CompleteAsync(_route, result) ?? ValueTask.CompletedTask;

    /// <summary>Throws the caller's own cancellation, unless <paramref name="error"/> is just that: a provider may link the token to one of its own, or answer with a closed connection.</summary>
    private void ThrowCancelled(Exception error, CancellationToken cancellationToken)
    {
        RoutingTelemetry.Cancelled(activity);
        if (error is not OperationCanceledException cancelled || cancelled.CancellationToken != cancellationToken)
        {
            throw new OperationCanceledException("The request was cancelled by its caller.", error, cancellationToken);
        }
    }

    private void NoteFailure(Exception error)
    {
        if (_resilient is null)
        {
            _failed = [.. _failed, new(_route.Name, _route.EffectiveModelId, error.GetType().FullName) { Error = error, Duration = plan.TimeProvider.GetElapsedTime(_attemptStarted) }];
            return;
        }

        _failed = _resilient.GetFailed();
        if (!_resilient.HasFailedAtRoute)
        {
            Noted.Skips.Add(new(_route.Name, "rejected", $"no call was made: {error.GetType().Name}"));
        }
    }

    // Never the same route twice, whatever a policy lists.
    private ModelRoute? NextRoute()
    {
        foreach (ModelRoute route in decision.Routes)
        {
            if (!Array.Exists(_failed, attempt => attempt.Route == route.Name) && _notes?.Skips.Exists(skip => skip.Route == route.Name) != true)
            {
                return route;
            }
        }

        return null;
    }
}
