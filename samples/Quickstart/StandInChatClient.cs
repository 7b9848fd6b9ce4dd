using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RouteLLM.Quickstart;

/// <summary>Stands in for a model where none can be called: it streams an answer that says so.</summary>
internal sealed class StandInChatClient(string model) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("stand-in", defaultModelId: model);

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long tokens = messages.Sum(message => Turn.EstimateTokens(message.Text));
        string[] words = $"Stand-in for {model}: no model has read these ~{tokens} tokens.".Split(' ');
        for (int i = 0; i < words.Length; i++)
        {
            // One word a step, giving up the thread in between, as an answer arrives from a network.
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, i == 0 ? words[i] : " " + words[i]) { ModelId = model };
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
    }
}
