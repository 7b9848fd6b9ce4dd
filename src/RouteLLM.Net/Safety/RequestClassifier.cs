using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>What classifiers of requests are made with.</summary>
public static class RequestClassifier
{
    /// <summary>Makes a classifier from a delegate, such as a call of a moderation service or of a model that detects prompt injection.</summary>
    /// <param name="name">The classifier's name.</param>
    /// <param name="classify">Looks at a request.</param>
    /// <returns>The classifier.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public static IRequestClassifier Create(string name, Func<RouteRequest, CancellationToken, ValueTask<IReadOnlyList<RequestSignal>>> classify)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(classify);
        return new DelegateClassifier(name, classify);
    }

    /// <summary>Gives all text of a request that a provider would see: messages of every role, instructions, arguments and results of tools, and text files.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The texts, none of them empty; the prompt alone for a request made from one.</returns>
    public static IEnumerable<string> GetTexts(RouteRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (request.Messages.Count == 0
                ? [request.Prompt]
                : request.Messages.SelectMany(static message => message.Contents).SelectMany(TextsOf).Append(request.Options?.Instructions))
            .Where(static text => !string.IsNullOrEmpty(text))!;
    }

    /// <summary>Gives the text that neither the application nor the model wrote: messages of users, results of tools, and text files.</summary>
    internal static IEnumerable<string> GetForeignTexts(RouteRequest request) =>
        (request.Messages.Count == 0 ? [request.Prompt] : request.Messages.Where(static message => !IsOwn(message.Role)).SelectMany(static message => message.Contents).SelectMany(TextsOf))
            .Where(static text => !string.IsNullOrEmpty(text))!;

    private static bool IsOwn(ChatRole role) => role == ChatRole.System || role == ChatRole.Assistant || role == new ChatRole("developer");

    private static IEnumerable<string?> TextsOf(AIContent content) => content switch
    {
        TextContent text => [text.Text],
        TextReasoningContent reasoning => [reasoning.Text],
        FunctionCallContent call => call.Arguments?.Values.Select(static value => value?.ToString()) ?? [],
        FunctionResultContent result => [result.Result?.ToString()],
        DataContent data when data.HasTopLevelMediaType("text") => [Encoding.UTF8.GetString(data.Data.Span)],
        UriContent uri => [uri.Uri.OriginalString],
        _ => [],
    };

    private sealed class DelegateClassifier(string name, Func<RouteRequest, CancellationToken, ValueTask<IReadOnlyList<RequestSignal>>> classify) : IRequestClassifier
    {
        public string Name => name;

        public ValueTask<IReadOnlyList<RequestSignal>> ClassifyAsync(RouteRequest request, CancellationToken cancellationToken = default) => classify(request, cancellationToken);
    }
}
