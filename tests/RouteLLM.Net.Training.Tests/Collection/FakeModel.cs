using System.Collections.Concurrent;
using Microsoft.Extensions.AI;

namespace RouteLLM.Training.Tests.Collection;

/// <summary>A chat client made of a function from the prompt; records what it was asked.</summary>
internal sealed class FakeModel(Func<string, CancellationToken, Task<ChatResponse>> answer, string modelId = "fake") : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("fake", defaultModelId: modelId);

    public FakeModel(Func<string, string> answer)
        : this((prompt, _) => Task.FromResult(Answer(answer(prompt))))
    {
    }

    public ConcurrentQueue<(string Prompt, string? System, ChatOptions? Options)> Calls { get; } = new();

    public IEnumerable<string> Prompts => Calls.Select(call => call.Prompt);

    /// <summary>An answer that used ten tokens and gave two, or whose use is not told.</summary>
    public static ChatResponse Answer(string text, bool tellsUsage = true) => new(new ChatMessage(ChatRole.Assistant, text))
    {
        Usage = tellsUsage ? new UsageDetails { InputTokenCount = 10, OutputTokenCount = 2 } : null,
    };

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        string prompt = messages.Last().Text;
        Calls.Enqueue((prompt, messages.FirstOrDefault(message => message.Role == ChatRole.System)?.Text, options));
        return answer(prompt, cancellationToken);
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new InvalidOperationException("No stream was expected.");

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose() => throw new InvalidOperationException("The client is used, not owned.");
}
