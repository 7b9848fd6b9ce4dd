using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace RouteLLM.Samples.CollectLabels;

/// <summary>Stands in for a model where none can be called: it does one sum, and the weak one is bad at large products.</summary>
internal sealed partial class StandInChatClient(string model, bool isStrong) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new("stand-in", defaultModelId: model);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string prompt = messages.Last().Text;
        string answer = Answer(prompt);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer))
        {
            ModelId = model,
            Usage = new UsageDetails { InputTokenCount = prompt.Length / 4, OutputTokenCount = (answer.Length / 4) + 1 },
        });
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A collector does not stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is null && serviceType == typeof(ChatClientMetadata) ? _metadata : null;

    public void Dispose()
    {
    }

    private string Answer(string prompt)
    {
        Match sum = Sum().Match(prompt);
        if (!sum.Success)
        {
            return "I can only do sums.";
        }

        long a = long.Parse(sum.Groups[1].Value, CultureInfo.InvariantCulture), b = long.Parse(sum.Groups[3].Value, CultureInfo.InvariantCulture);
        long result = sum.Groups[2].Value switch
        {
            "+" => a + b,
            "-" => a - b,
            _ => a * b,
        };
        bool isHard = sum.Groups[2].Value == "*" && Math.Min(a, b) > 12;
        return string.Create(CultureInfo.InvariantCulture, $"{sum.Value} is {(isHard && !isStrong ? result + 10 : result)}.");
    }

    [GeneratedRegex(@"(\d+) ([-+*]) (\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex Sum();
}
