using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace RouteLLM.Samples.Observability;

/// <summary>Stands in for a model: answers after a while, says what it used, and sometimes is down.</summary>
internal sealed class StandInChatClient(string model, TimeSpan latency, double failing) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("stand-in", defaultModelId: model);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Delay(latency, cancellationToken);
        if (Random.Shared.NextDouble() < failing)
        {
            throw new HttpRequestException("The stand-in is down.", null, System.Net.HttpStatusCode.ServiceUnavailable);
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, $"An answer of {model}") { ModelId = model };
        await Task.Delay(latency, cancellationToken);
        long input = TokenCounter.Estimate.Count([.. messages]);
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextContent("."), new UsageContent(new() { InputTokenCount = input, OutputTokenCount = 100 + (4 * input) })]) { ModelId = model };
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
