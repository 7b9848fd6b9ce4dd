using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using RouteLLM.Diagnostics;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>A chat client that decides, per request, which of several chat clients answers.</summary>
/// <remarks>
/// <para>
/// A policy, usually a router with a threshold, orders the routes for a request; the first is called, and the next only if it fails before its first
/// output with an error that another model could cure. The caller's messages and options are never changed: each attempt gets its own clone of the options, with
/// the route's model id and without the settings meant for routing.
/// </para>
/// <para>
/// With <see cref="RoutedChatClientOptions.Resilience"/>, or routes of several deployments, a route is called again where that may help, within the limits of the options, and deployments that fail are
/// left alone for a time; all calls of a request are in the attempts of its outcome.
/// </para>
/// <para>
/// Some requests are not decided but belong to a route: one whose <see cref="ChatOptions.ModelId"/> is the name or model of a route, or that was pinned with
/// <see cref="ChatOptionsRoutingExtensions.SetRoute"/>; else one that carries a <see cref="ChatOptions.ConversationId"/> or
/// <see cref="ChatOptions.ContinuationToken"/> that a route made; else one whose messages end in the results of tools that a route called. No other route is tried for these.
/// </para>
/// <para>
/// Thread-safe: one instance serves all requests. Read what happened with <see cref="RouteOutcomeExtensions.GetRouteOutcome(ChatResponse)"/>. A stream that is
/// enumerated must be disposed, as <c>await foreach</c> does.
/// </para>
/// </remarks>
public sealed class RoutedChatClient : IChatClient
{
    /// <summary>The name of the strong route of a client with two models.</summary>
    public const string StrongRoute = "strong";

    /// <summary>The name of the weak route of a client with two models.</summary>
    public const string WeakRoute = "weak";

    private readonly ChatClientMetadata _metadata = new("routellm");
    private readonly ConversationRoutes _conversations = new();
    private readonly RoutingTelemetry _telemetry;
    private readonly RequestDecider _decider;
    private volatile RoutingPlan _plan;
    private Action? _stopFollowing;
    private int _disposed;

    /// <summary>Initializes a new instance of the <see cref="RoutedChatClient"/> class for a strong and a weak model.</summary>
    /// <param name="strong">The strong model's client; disposed with this one.</param>
    /// <param name="weak">The weak model's client; disposed with this one.</param>
    /// <param name="router">Predicts whether the strong model's answer would be better, such as <see cref="BuiltInRouter"/>'s.</param>
    /// <param name="options">The threshold or strong share, and more; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the router's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentNullException">A client, the router or the options are <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public RoutedChatClient(
        IChatClient strong,
        IChatClient weak,
        IRouter router,
        TwoModelRoutingOptions options,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null,
        TimeProvider? timeProvider = null)
        : this(TwoModelPlan.Create(strong, weak, router ?? throw new ArgumentNullException(nameof(router)), options, ownsStrong: true, ownsWeak: true, timeProvider), loggerFactory, meterFactory)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RoutedChatClient"/> class for a strong and a weak model, with the router that the options name: the built-in one by default.</summary>
    /// <param name="strong">The strong model's client; disposed with this one.</param>
    /// <param name="weak">The weak model's client; disposed with this one.</param>
    /// <param name="options">The threshold or strong share, and more; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock for the router's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentNullException">A client or the options are <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public RoutedChatClient(
        IChatClient strong, IChatClient weak, TwoModelRoutingOptions options, ILoggerFactory? loggerFactory = null, IMeterFactory? meterFactory = null, TimeProvider? timeProvider = null)
        : this(TwoModelPlan.Create(strong, weak, router: null, options, ownsStrong: true, ownsWeak: true, timeProvider), loggerFactory, meterFactory)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RoutedChatClient"/> class for any routes and policy.</summary>
    /// <param name="routes">The routes, strongest first, each with a name of its own.</param>
    /// <param name="policy">Decides which of them a request tries.</param>
    /// <param name="options">The options, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="loggerFactory">Makes the logger, or <see langword="null"/> for none.</param>
    /// <param name="meterFactory">Makes the meter, or <see langword="null"/> for one of the process.</param>
    /// <param name="timeProvider">The clock, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentNullException"><paramref name="routes"/> or <paramref name="policy"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException">There are no routes, or two have the same name.</exception>
    public RoutedChatClient(
        IEnumerable<ModelRoute> routes,
        IRoutingPolicy policy,
        RoutedChatClientOptions? options = null,
        ILoggerFactory? loggerFactory = null,
        IMeterFactory? meterFactory = null,
        TimeProvider? timeProvider = null)
        : this(new RoutingPlan(routes, policy, options ?? new(), timeProvider: timeProvider), loggerFactory, meterFactory)
    {
    }

    internal RoutedChatClient(RoutingPlan plan, ILoggerFactory? loggerFactory, IMeterFactory? meterFactory, bool hint = true)
    {
        _telemetry = new(loggerFactory, meterFactory);
        _decider = new(_conversations, _telemetry);
        _plan = TakeUp(plan);
        if (hint)
        {
            plan.Hint(_telemetry.Logger);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">
    /// <see cref="ChatOptions.ModelId"/> or a routing setting is malformed or names what there is not; the message lists the routers and routes.
    /// </exception>
    /// <exception cref="RoutesFailedException">More than one call was made, and all failed.</exception>
    /// <exception cref="NoRouteAvailableException">No route could be called: constraints or gates removed them all, or all cool down; the message says what removed which.</exception>
    /// <exception cref="RequestRefusedException">Safety rules refuse the request.</exception>
    /// <exception cref="TimeoutException">The time for the whole request was up.</exception>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        IReadOnlyList<ChatMessage> buffered = Buffer(messages);
        using Activity? activity = RoutingTelemetry.Start();
        RoutedCall call = await _decider.DecideAsync(buffered, options, isStreaming: false, _plan, activity, cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                await call.EnterAsync(cancellationToken).ConfigureAwait(false);
                ChatResponse response;
                try
                {
                    call.BeginAttempt();
                    response = (call.Resilient is { } resilient
                        ? await resilient.GetResponseAsync().ConfigureAwait(false)
                        : await call.Route.Client.GetResponseAsync(buffered, ProviderOptions.For(call.Route, options), cancellationToken).ConfigureAwait(false))
                        ?? throw new InvalidOperationException($"The client of route '{call.Route.Name}' returned no response.");
                }
                catch (Exception error)
                {
                    if (!await call.TryMoveOnAsync(error, cancellationToken).ConfigureAwait(false))
                    {
                        throw;
                    }

                    continue;
                }

                _conversations.Remember(call.Route.Name, call.Owner, response);
                if (call.Plan.Conversations is { } memory)
                {
                    await memory.RememberProviderStateAsync(call.Owner, response.ConversationId, response.ContinuationToken).ConfigureAwait(false);
                }

                return OutcomeCarrier.Attach(response, await call.SucceedAsync(response).ConfigureAwait(false));
            }
        }
        catch (Exception error)
        {
            // Mostly this is no news: only what a response throws when it is looked at has not ended the call yet.
            await call.EndAsync(RouteAttemptStatus.Failed, error).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The decision is made when enumeration begins, anew for each enumeration. The first update carries the outcome; the others are the provider's own.</remarks>
    /// <exception cref="ArgumentException">
    /// <see cref="ChatOptions.ModelId"/> or a routing setting is malformed or names what there is not; the message lists the routers and routes.
    /// </exception>
    /// <exception cref="RoutesFailedException">More than one call was made, and all failed before their first update.</exception>
    /// <exception cref="NoRouteAvailableException">No route could be called: gates refused, or all cool down.</exception>
    /// <exception cref="TimeoutException">The time for the whole request was up.</exception>
    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return StreamAsync(messages, options, cancellationToken);
    }

    /// <summary>Gets an object of the given type: this client, its <see cref="ChatClientMetadata"/> or its <see cref="DeploymentHealth"/>, or, with a route's name as the key, what that route's client has.</summary>
    /// <param name="serviceType">The type asked for.</param>
    /// <param name="serviceKey">The name of a route whose client to ask, or <see langword="null"/> to ask this one.</param>
    /// <returns>The object, or <see langword="null"/> if there is none.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey switch
        {
            null when serviceType == typeof(ChatClientMetadata) => _metadata,
            null when serviceType == typeof(DeploymentHealth) => _plan.Health,
            null when serviceType.IsInstanceOfType(this) => this,
            string name => _plan.FindRoute(name)?.Client.GetService(serviceType),
            _ => null,
        };
    }

    /// <summary>Disposes the clients of the routes that own theirs. Calls under way are not waited for.</summary>
    /// <exception cref="AggregateException">A client failed to be disposed; the others were disposed of nevertheless.</exception>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _stopFollowing?.Invoke();
        List<Exception>? errors = null;
        foreach (IChatClient client in _plan.Routes.SelectMany(static route => route.OwnedClients).Distinct(ReferenceEqualityComparer.Instance).Cast<IChatClient>())
        {
            try
            {
                client.Dispose();
            }
            catch (Exception error)
            {
                (errors ??= []).Add(error);
            }
        }

        if (errors is not null)
        {
            throw new AggregateException("A route's client failed to be disposed; all were disposed of.", errors);
        }
    }

    /// <summary>Has requests from now on follow another plan; those under way keep theirs.</summary>
    internal void Follow(RoutingPlan plan) => _plan = TakeUp(plan);

    /// <summary>Sets what stops the following of a configuration when this client is disposed.</summary>
    internal void OnDispose(Action stopFollowing) => _stopFollowing = stopFollowing;

    private RoutingPlan TakeUp(RoutingPlan plan)
    {
        plan.Conversations?.Logger = _telemetry.Logger;
        plan.Resilience?.Bind(plan.Health);
        _telemetry.Observe(plan);
        return plan;
    }

    private static IReadOnlyList<ChatMessage> Buffer(IEnumerable<ChatMessage> messages) => messages as IReadOnlyList<ChatMessage> ?? [.. messages];

    private async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        IReadOnlyList<ChatMessage> buffered = Buffer(messages);
        using Activity? activity = RoutingTelemetry.Start();
        RoutedCall call = await _decider.DecideAsync(buffered, options, isStreaming: true, _plan, activity, cancellationToken).ConfigureAwait(false);
        StreamedState? state = call.Plan.Conversations is { KeepsProviderState: true } memory ? new(memory) : null;
        IAsyncEnumerator<ChatResponseUpdate>? updates = null;
        try
        {
            ChatResponseUpdate? first = null;
            while (true)
            {
                await call.EnterAsync(cancellationToken).ConfigureAwait(false);
                try
                {
                    call.BeginAttempt();
                    updates = call.Resilient is { } resilient
                        ? await resilient.OpenStreamAsync().ConfigureAwait(false)
                        : call.Route.Client.GetStreamingResponseAsync(buffered, ProviderOptions.For(call.Route, options), cancellationToken).GetAsyncEnumerator(cancellationToken);
                    if (await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        first = StreamReading.CurrentOf(updates, call.Route);
                    }
                    else
                    {
                        // Nothing was given yet: if it fails to close, another route can still answer.
                        IAsyncEnumerator<ChatResponseUpdate> empty = updates;
                        updates = null;
                        await empty.DisposeAsync().ConfigureAwait(false);
                    }

                    break;
                }
                catch (Exception error)
                {
                    await StreamReading.CloseFailedAsync(updates).ConfigureAwait(false);
                    updates = null;
                    if (!await call.TryMoveOnAsync(error, cancellationToken).ConfigureAwait(false))
                    {
                        throw;
                    }
                }
            }

            if (first is null || updates is null)
            {
                await call.EndAsync(RouteAttemptStatus.Answered).ConfigureAwait(false);
                yield break;
            }

            _conversations.Remember(call.Route.Name, call.Owner, first);
            state?.Note(call.Owner, first);
            yield return OutcomeCarrier.Attach(first, call.BeginStream(first));
            while (true)
            {
                call.ResumeAttempt();
                ChatResponseUpdate update;
                try
                {
                    if (!await updates.MoveNextAsync().ConfigureAwait(false))
                    {
                        break;
                    }

                    update = StreamReading.CurrentOf(updates, call.Route);
                }
                catch (Exception error)
                {
                    IAsyncEnumerator<ChatResponseUpdate> failed = updates;
                    updates = null;
                    await StreamReading.CloseFailedAsync(failed).ConfigureAwait(false);
                    await call.FailMidStreamAsync(error, cancellationToken).ConfigureAwait(false);
                    throw;
                }

                _conversations.Remember(call.Route.Name, call.Owner, update);
                state?.Note(call.Owner, update);
                call.Note(update);
                yield return update;
            }

            await call.EndAsync(RouteAttemptStatus.Answered).ConfigureAwait(false);
        }
        finally
        {
            call.ResumeAttempt();
            try
            {
                if (updates is not null)
                {
                    await updates.DisposeAsync().ConfigureAwait(false);
                }

                if (state is not null)
                {
                    await state.FlushAsync().ConfigureAwait(false);
                }
            }
            finally
            {
                // Of a stream that was read to its end or failed this is no news; one that was left early ends here, whatever closing it threw.
                await call.EndAsync(RouteAttemptStatus.Cancelled).ConfigureAwait(false);
            }
        }
    }
}
