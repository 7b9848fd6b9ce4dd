using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Has the state that a provider gives with the updates of a stream stored while the stream goes on.</summary>
/// <remarks>A provider may give a new token with every update: waiting for the store each time would slow down the stream, so that it is waited for at the end.</remarks>
internal sealed class StreamedState(ConversationMemory memory)
{
    private readonly List<Task> _pending = [];
    private string? _conversationId;

    public void Note(string route, ChatResponseUpdate update)
    {
        string? conversationId = update.ConversationId == _conversationId ? null : update.ConversationId;
        _conversationId = update.ConversationId ?? _conversationId;
        ValueTask remembering = memory.RememberProviderStateAsync(route, conversationId, update.ContinuationToken);
        if (!remembering.IsCompletedSuccessfully)
        {
            _pending.RemoveAll(static task => task.IsCompleted);
            _pending.Add(remembering.AsTask());
        }
    }

    public Task FlushAsync() => Task.WhenAll(_pending);
}
