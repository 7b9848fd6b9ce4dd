using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>Asks a client the same thing with or without streaming.</summary>
internal static class Asking
{
    public static Task<ChatResponse> AskAsync(this IChatClient client, string prompt, bool streaming, ChatOptions? options = null, CancellationToken? cancellationToken = null) =>
        client.AskAsync([new(ChatRole.User, prompt)], streaming, options, cancellationToken);

    public static Task<ChatResponse> AskAsync(
        this IChatClient client, IEnumerable<ChatMessage> messages, bool streaming, ChatOptions? options = null, CancellationToken? cancellationToken = null)
    {
        CancellationToken token = cancellationToken ?? TestContext.Current.CancellationToken;
        return streaming ? client.GetStreamingResponseAsync(messages, options, token).ToChatResponseAsync(token) : client.GetResponseAsync(messages, options, token);
    }
}
