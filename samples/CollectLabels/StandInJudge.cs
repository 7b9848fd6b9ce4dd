using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace RouteLLM.Samples.CollectLabels;

/// <summary>Stands in for a judge where none can be called: it finds the answer better that ends in the reference's number.</summary>
internal sealed partial class StandInJudge : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        string question = messages.Last().Text;
        Dictionary<string, string> texts = Tagged().Matches(question).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["text"].Value);
        bool Right(string name) => texts.TryGetValue("reference", out string? reference) && texts[name].TrimEnd('.').EndsWith(reference, StringComparison.Ordinal);
        string verdict = texts.ContainsKey("answer")
            ? $$"""{"score": {{(Right("answer") ? 10 : 1)}}}"""
            : $$"""{"winner": "{{(Right("answer-a") == Right("answer-b") ? "tie" : Right("answer-a") ? "A" : "B")}}"}""";
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, verdict)) { Usage = new UsageDetails { InputTokenCount = question.Length / 4, OutputTokenCount = 6 } });
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("A collector does not stream.");

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }

    [GeneratedRegex(@"<(?<name>[a-z-]+)-(?<hash>[0-9a-f]{16})>\n(?<text>.*?)\n</\k<name>-\k<hash>>", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Tagged();
}
