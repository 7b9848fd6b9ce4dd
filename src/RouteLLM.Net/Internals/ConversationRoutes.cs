using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Remembers which route made a provider's state and tool calls, so that what follows goes back there.</summary>
/// <remarks>
/// Bounded: holds the latest 10,000 to 20,000 keys, in two generations of which the older is dropped as a whole. Kept in this process only; tool calls are also found
/// by the outcome that rides on their message, which survives a restart.
/// </remarks>
internal sealed class ConversationRoutes
{
    private const int GenerationSize = 10_000;

    private readonly Lock _turnover = new();
    private ConcurrentDictionary<Key, string> _young = new();
    private ConcurrentDictionary<Key, string> _old = new();
    private int _youngCount;

    private enum KeyKind
    {
        Conversation,
        Continuation,
        ToolCall,
    }

    public string? FindProviderState(ChatOptions? options) =>
        options is null ? null
        : options.ContinuationToken is { } token && Find(KeyOf(token)) is { } byToken ? byToken
        : options.ConversationId is { } id ? Find(new(KeyKind.Conversation, id)) : null;

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
            if (message.Role == ChatRole.Assistant && HasCall(message, result.CallId))
            {
                return message.GetRouteOutcome()?.Route ?? Find(new(KeyKind.ToolCall, result.CallId));
            }
        }

        return Find(new(KeyKind.ToolCall, result.CallId));
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

    private static bool HasCall(ChatMessage message, string callId)
    {
        foreach (AIContent content in message.Contents)
        {
            if (content is FunctionCallContent call && call.CallId == callId)
            {
                return true;
            }
        }

        return false;
    }

    private static Key KeyOf(ResponseContinuationToken token) => new(KeyKind.Continuation, Convert.ToBase64String(SHA256.HashData(token.ToBytes().Span)));

    private void RememberState(string route, string? conversationId, ResponseContinuationToken? token)
    {
        if (conversationId is not null)
        {
            Add(new(KeyKind.Conversation, conversationId), route);
        }

        if (token is not null)
        {
            Add(KeyOf(token), route);
        }
    }

    private void RememberCalls(string route, IList<AIContent> contents)
    {
        for (int i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent call)
            {
                Add(new(KeyKind.ToolCall, call.CallId), route);
            }
        }
    }

    private string? Find(Key key)
    {
        if (Volatile.Read(ref _young).TryGetValue(key, out string? route))
        {
            return route;
        }

        if (Volatile.Read(ref _old).TryGetValue(key, out route))
        {
            Add(key, route);
        }

        return route;
    }

    private void Add(Key key, string route)
    {
        ConcurrentDictionary<Key, string> young = Volatile.Read(ref _young);
        if (young.TryAdd(key, route))
        {
            if (Interlocked.Increment(ref _youngCount) >= GenerationSize)
            {
                TurnOver(young);
            }
        }
        else
        {
            young[key] = route;
        }
    }

    private void TurnOver(ConcurrentDictionary<Key, string> full)
    {
        lock (_turnover)
        {
            if (ReferenceEquals(full, _young))
            {
                Volatile.Write(ref _old, full);
                Volatile.Write(ref _young, new());
                Volatile.Write(ref _youngCount, 0);
            }
        }
    }

    private readonly record struct Key(KeyKind Kind, string Value);
}
