using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

/// <summary>A chat client made of callbacks; records what it was asked.</summary>
internal sealed class TestChatClient : IChatClient
{
    private readonly List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> _calls = [];

    public Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task<ChatResponse>> OnResponse { get; set; } =
        (_, _, _) => throw new InvalidOperationException("No response was expected.");

    public Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, IAsyncEnumerable<ChatResponseUpdate>>? OnStream { get; set; }

    public Func<Type, object?, object?>? OnGetService { get; set; }

    public int DisposeCount { get; private set; }

    public IReadOnlyList<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Calls
    {
        get
        {
            lock (_calls)
            {
                return [.. _calls];
            }
        }
    }

    public static TestChatClient Answering(string text, string? defaultModelId = null) => new()
    {
        OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, text))),
        OnStream = (_, _, cancellationToken) => StreamAsync(text, cancellationToken),
        OnGetService = defaultModelId is null ? null : (type, _) => type == typeof(ChatClientMetadata) ? new ChatClientMetadata("test", null, defaultModelId) : null,
    };

    public static TestChatClient Failing(Exception error) => new()
    {
        OnResponse = (_, _, _) => Task.FromException<ChatResponse>(error),
        OnStream = (_, _, _) => FailAsync(error),
    };

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Record(messages, options);
        return OnResponse(messages, options, cancellationToken);
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Record(messages, options);
        if (OnStream is null)
        {
            foreach (ChatResponseUpdate update in (await OnResponse(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }

            yield break;
        }

        await foreach (ChatResponseUpdate update in OnStream(messages, options, cancellationToken).WithCancellation(cancellationToken))
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        OnGetService?.Invoke(serviceType, serviceKey) ?? (serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null);

    public void Dispose() => DisposeCount++;

    /// <summary>Streams a text word by word, as an assistant message.</summary>
    public static async IAsyncEnumerable<ChatResponseUpdate> StreamAsync(string text, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatRole? role = ChatRole.Assistant;
        foreach (string word in text.Split(' '))
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, role is null ? $" {word}" : word);
            role = null;
        }
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> FailAsync(Exception error)
    {
        await Task.Yield();
        throw error;
#pragma warning disable CS0162 // An iterator needs a yield.
        yield break;
#pragma warning restore CS0162
    }

    private void Record(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        lock (_calls)
        {
            _calls.Add(([.. messages], options));
        }
    }
}
