using Microsoft.Extensions.AI;

namespace RouteLLM.Cli;

/// <summary>Stands for a model where routes are decided and none is called.</summary>
internal sealed class NoModel : IChatClient
{
    public static NoModel Instance { get; } = new();

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw Called();

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw Called();

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    private static NotSupportedException Called() => new("No model is called here.");
}
