using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Remembers which route made a provider's state and tool calls, so that what follows goes back there.</summary>
/// <remarks>
/// <para>
/// Bounded, and kept in this process only; a <see cref="ConversationMemory"/> keeps provider state beyond it, and tool calls are also found by the outcome that rides on their message, which survives a restart.
/// </para>
/// <para>
/// Call ids need not be unique: some models number the calls of each conversation from 0. So the message comes first (a streamed one has the outcome only
/// if its provider gives messages ids), then the very object of the call, as a tool loop hands it back, and its id last, for those who store and restore their messages without properties.
/// </para>
/// </remarks>
internal sealed class ConversationRoutes
{
    private readonly RecentRoutes _conversations = new();

    // Apart from the conversations: a provider may put a new token on every update of a long stream.
    private readonly RecentRoutes _tokens = new();
    private readonly RecentRoutes _callIds = new();
    private readonly ConditionalWeakTable<FunctionCallContent, string> _calls = [];

    public string? FindProviderState(ChatOptions? options) =>
        options is null ? null
        : options.ContinuationToken is { } token && _tokens.Find(KeyOf(token)) is { } byToken ? byToken
        : options.ConversationId is { } id ? _conversations.Find(id) : null;

    /// <summary>Tells whether a request carries provider state of which nothing is known here.</summary>
    public bool IsUnknownState(ChatOptions? options) => options is { ConversationId: not null } or { ContinuationToken: not null } && FindProviderState(options) is null;

    /// <summary>Takes note of the route that made the state that a request carries, as it was found elsewhere.</summary>
    public void Restore(string route, ChatOptions options) => RememberState(route, options.ConversationId, options.ContinuationToken);

    /// <summary>Finds the route that called the tools whose results end the messages, or <see langword="null"/> if they end otherwise or it is not known.</summary>
    public string? FindToolCaller(IReadOnlyList<ChatMessage> messages)
    {
        if (messages.Count == 0 || LastResult(messages[^1]) is not { } result)
        {
            return null;
        }

        for (int i = messages.Count - 2; i >= 0; i--)
        {
            ChatMessage message = messages[i];
            if (message.Role == ChatRole.Assistant && FindCall(message, result.CallId) is { } call)
            {
                return message.GetRouteOutcome()?.Route ?? (_calls.TryGetValue(call, out string? caller) ? caller : _callIds.Find(result.CallId));
            }
        }

        return _callIds.Find(result.CallId);
    }

    public void Remember(string route, ChatResponse response)
    {
        RememberState(route, response.ConversationId, response.ContinuationToken);
        foreach (ChatMessage message in response.Messages)
        {
            RememberCalls(route, message.Contents);
        }
    }

    public void Remember(string route, ChatResponseUpdate update)
    {
        RememberState(route, update.ConversationId, update.ContinuationToken);
        RememberCalls(route, update.Contents);
    }

    private static FunctionResultContent? LastResult(ChatMessage message)
    {
        for (int i = message.Contents.Count - 1; i >= 0; i--)
        {
            if (message.Contents[i] is FunctionResultContent result)
            {
                return result;
            }
        }

        return null;
    }

    private static FunctionCallContent? FindCall(ChatMessage message, string callId)
    {
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionCallContent call && call.CallId == callId)
            {
                return call;
            }
        }

        return null;
    }

    private static string KeyOf(ResponseContinuationToken token) => Convert.ToBase64String(SHA256.HashData(token.ToBytes().Span));

    private void RememberState(string route, string? conversationId, ResponseContinuationToken? token)
    {
        if (conversationId is not null)
        {
            _conversations.Add(conversationId, route);
        }

        if (token is not null)
        {
            _tokens.Add(KeyOf(token), route);
        }
    }

    private void RememberCalls(string route, IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent call)
            {
                _calls.AddOrUpdate(call, route);
                _callIds.Add(call.CallId, route);
            }
        }
    }
}
