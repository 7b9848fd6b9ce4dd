using System.Diagnostics;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Internals;

/// <summary>Makes of what a caller asks a request, and has it decided: by the route that it belongs to, or by the policy.</summary>
internal sealed class RequestDecider(ConversationRoutes conversations, RoutingTelemetry telemetry)
{
    /// <summary>Decides on a request.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The caller's options, or <see langword="null"/>.</param>
    /// <param name="isStreaming">Whether the answer will be streamed.</param>
    /// <param name="plan">The plan to follow.</param>
    /// <param name="activity">The call's span, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">The caller's token.</param>
    /// <returns>The call, which is to be ended.</returns>
    public ValueTask<RoutedCall> DecideAsync(
        IReadOnlyList<ChatMessage> messages, ChatOptions? options, bool isStreaming, RoutingPlan plan, Activity? activity, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            long started = plan.TimeProvider.GetTimestamp();
            RouteOverrides? overrides = OverridesReader.Read(options, plan);
            var request = new RouteRequest(messages, options, plan.PromptSelector)
            {
                IsStreaming = isStreaming,
                Overrides = overrides,
                Tenant = overrides?.Tenant ?? plan.Tenant?.Invoke(messages, options),
                User = overrides?.User ?? plan.User?.Invoke(messages, options),
                Conversation = overrides?.Conversation ?? plan.ConversationKey?.Invoke(messages, options),
                TokenCounter = plan.TokenCounter,
                OutputTokens = plan.OutputTokens,
            };
            ValueTask<RouteDecision> decision = plan.Conversations is { KeepsProviderState: true } memory && conversations.IsUnknownState(options)
                ? RestoreAsync(request, memory, plan, cancellationToken)
                : DecideAsync(request, plan, cancellationToken);
            return decision.IsCompletedSuccessfully
                ? new(Begin(request, decision.Result, plan, started, activity))
                : BeginAsync(request, decision, plan, started, activity, cancellationToken);
        }
        catch (Exception error)
        {
            telemetry.Undecided(activity, error, cancellationToken);
            throw;
        }
    }

    private ValueTask<RouteDecision> DecideAsync(RouteRequest request, RoutingPlan plan, CancellationToken cancellationToken) =>
        FindOwner(request, plan) is not { } owned ? plan.Policy.DecideAsync(request, cancellationToken)
        : plan.Constraints is { } constraints ? constraints.ConstrainAsync(request, owned, cancellationToken)
        : new(owned);

    /// <summary>Decides on a request with a provider's state that this process has not seen yet, but that another, or this one before a restart, may have stored.</summary>
    private async ValueTask<RouteDecision> RestoreAsync(RouteRequest request, ConversationMemory memory, RoutingPlan plan, CancellationToken cancellationToken)
    {
        if (await memory.FindProviderStateAsync(request.Options!, cancellationToken).ConfigureAwait(false) is { } route)
        {
            conversations.Restore(route, request.Options!);
        }

        return await DecideAsync(request, plan, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RoutedCall> BeginAsync(
        RouteRequest request, ValueTask<RouteDecision> decision, RoutingPlan plan, long started, Activity? activity, CancellationToken cancellationToken)
    {
        try
        {
            return Begin(request, await decision.ConfigureAwait(false), plan, started, activity);
        }
        catch (Exception error)
        {
            telemetry.Undecided(activity, error, cancellationToken);
            throw;
        }
    }

    private RoutedCall Begin(RouteRequest request, RouteDecision? decision, RoutingPlan plan, long started, Activity? activity)
    {
        TimeSpan duration = plan.TimeProvider.GetElapsedTime(started);
        if (decision is null)
        {
            throw new InvalidOperationException($"The policy {plan.Policy.GetType().Name} gave no decision.");
        }

        telemetry.Decided(activity, request, decision, duration, plan);
        return new RoutedCall(plan, request, decision, started, duration, activity, telemetry);
    }

    /// <summary>Finds the route a request belongs to, whatever the policy would say.</summary>
    private RouteDecision? FindOwner(RouteRequest request, RoutingPlan plan)
    {
        if (request.Overrides?.Route is { } pinned)
        {
            return new([plan.FindRoute(pinned)!], RouteReasons.Pinned);
        }

        if (conversations.FindProviderState(request.Options) is { } stateful)
        {
            (string name, string? deployment) = DeploymentSlot.Split(stateful);
            if (plan.FindRoute(name) is { } stateOwner)
            {
                // A deployment that a changed configuration has taken away leaves its state to the others, who may share it.
                return new([stateOwner], RouteReasons.ProviderState) { PinnedDeployment = stateOwner.Deployments.FirstOrDefault(known => known.Name == deployment)?.Name };
            }
        }

        return conversations.FindToolCaller(request.Messages) is { } caller && plan.FindRoute(caller) is { } toolCaller
            ? new([toolCaller], RouteReasons.ToolResult)
            : null;
    }
}
