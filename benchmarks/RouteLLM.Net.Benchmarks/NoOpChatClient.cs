using Microsoft.Extensions.AI;

namespace RouteLLM.Benchmarks;

/// <summary>Answers at once with the same response, so that only what is around it is measured.</summary>
internal sealed class NoOpChatClient : IChatClient
{
    private static readonly Task<ChatResponse> s_response = Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "ok")));
    private static readonly ChatResponseUpdate[] s_updates = [new(ChatRole.Assistant, "o"), new(ChatRole.Assistant, "k"), new(ChatRole.Assistant, "!")];

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => s_response;

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        foreach (ChatResponseUpdate update in s_updates)
        {
            yield return update;
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
