using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Sits between a route's middleware and its model, and notes that the model is called.</summary>
internal sealed class MarkingChatClient(IChatClient model) : DelegatingChatClient(model)
{
    public override Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ModelCallMark.Set();
        return base.GetResponseAsync(messages, options, cancellationToken);
    }

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ModelCallMark.Set();
        return base.GetStreamingResponseAsync(messages, options, cancellationToken);
    }
}
