using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>A client whose only stream gives some updates and then fails, or ends, and may fail again when it is disposed.</summary>
internal sealed class ScriptedStream(params ChatResponseUpdate[] updates) : IChatClient, IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerator<ChatResponseUpdate>
{
    private int _moves;

    /// <summary>Gets what the stream fails with after its updates, or <see langword="null"/> if it ends well.</summary>
    public Exception? EndsWith { get; init; }

    public Exception? DisposesWith { get; init; }

    /// <summary>Gets what happens before the stream moves, fails or is disposed.</summary>
    public Action? OnMove { get; init; }

    public Action? OnDispose { get; init; }

    public int Calls { get; private set; }

    public int Disposals { get; private set; }

    public ChatResponseUpdate Current => updates[_moves - 1];

    public static ScriptedStream Of(params string[] texts) => new([.. texts.Select(text => new ChatResponseUpdate(ChatRole.Assistant, text))]);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        Calls++;
        _moves = 0;
        return this;
    }

    public IAsyncEnumerator<ChatResponseUpdate> GetAsyncEnumerator(CancellationToken cancellationToken = default) => this;

    public async ValueTask<bool> MoveNextAsync()
    {
        await Task.Yield();
        OnMove?.Invoke();
        return ++_moves <= updates.Length || (EndsWith is null ? false : throw EndsWith);
    }

    public ValueTask DisposeAsync()
    {
        Disposals++;
        OnDispose?.Invoke();
        return DisposesWith is null ? default : throw DisposesWith;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
