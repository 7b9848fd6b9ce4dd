using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Estimates tokens where no provider has counted them: four bytes of UTF-8 are about one, in English as in Chinese, and a message has a few more around it.</summary>
internal static class TokenEstimate
{
    private const int AroundMessage = 4;

    public static int Of(string? text) => string.IsNullOrEmpty(text) ? 0 : (Encoding.UTF8.GetByteCount(text) + 3) / 4;

    public static int OfMessages(IEnumerable<ChatMessage> messages, string? instructions) =>
        (instructions is null ? 0 : Of(instructions) + AroundMessage) + messages.Sum(static message => Of(message.Text) + AroundMessage);

    public static int OfPrompt(string prompt, string? instructions) =>
        (instructions is null ? 0 : Of(instructions) + AroundMessage) + Of(prompt) + AroundMessage;
}
