using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>Asks a client the same thing with or without streaming.</summary>
internal static class Asking
{
    public static Task<ChatResponse> AskAsync(this IChatClient client, string prompt, bool streaming, ChatOptions? options = null, CancellationToken? cancellationToken = null) =>
        client.AskAsync([new(ChatRole.User, prompt)], streaming, options, cancellationToken);

    public static async Task<ChatResponse> AskAsync(this IChatClient client, IEnumerable<ChatMessage> messages, bool streaming, ChatOptions? options = null, CancellationToken? cancellationToken = null)
    {
        CancellationToken token = cancellationToken ?? TestContext.Current.CancellationToken;
        if (!streaming)
        {
            return await client.GetResponseAsync(messages, options, token);
        }

        // Not ToChatResponseAsync(token): that would hand the token over a second time, and the client would see a linked one.
        var updates = new List<ChatResponseUpdate>();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(messages, options, token))
        {
            updates.Add(update);
        }

        return updates.ToChatResponse();
    }
}
