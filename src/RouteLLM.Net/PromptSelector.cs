using System.Text;
using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Chooses the text of a conversation that routers score.</summary>
/// <remarks>Only text counts: images, audio, tool calls and tool results contribute nothing.</remarks>
public abstract class PromptSelector
{
    /// <summary>Gets the selector that takes the last message of the user (the default).</summary>
    public static PromptSelector LastUserMessage { get; } = new LastUserMessageSelector();

    /// <summary>Gets the selector that takes the text of all messages, one after the other, separated by line feeds.</summary>
    public static PromptSelector WholeConversation { get; } = new TurnsSelector(int.MaxValue, userAndAssistantOnly: false);

    /// <summary>Gets the selector that takes the last message of the user, together with what came before it if it is a follow-up such as "go on" or "commit it" (see <see cref="FollowUpPromptSelector"/>).</summary>
    public static PromptSelector FollowUpsInContext { get; } = new FollowUpPromptSelector();

    /// <summary>Makes a selector that takes the last <paramref name="count"/> turns, the user's and the assistant's, separated by line feeds.</summary>
    /// <param name="count">How many messages of user and assistant to take, at least 1.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    public static PromptSelector LastTurns(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        return new TurnsSelector(count, userAndAssistantOnly: true);
    }

    /// <summary>Makes a selector from a delegate.</summary>
    /// <param name="select">Gives the text to score, or <see langword="null"/> if there is none.</param>
    /// <returns>The selector.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="select"/> is <see langword="null"/>.</exception>
    public static PromptSelector Create(Func<IReadOnlyList<ChatMessage>, string?> select)
    {
        ArgumentNullException.ThrowIfNull(select);
        return new DelegateSelector(select);
    }

    /// <summary>Chooses the text to score.</summary>
    /// <param name="messages">The conversation, oldest message first; not to be changed.</param>
    /// <returns>The text, or <see langword="null"/> or an empty string if there is none.</returns>
    public abstract string? SelectPrompt(IReadOnlyList<ChatMessage> messages);

    private sealed class LastUserMessageSelector : PromptSelector
    {
        public override string? SelectPrompt(IReadOnlyList<ChatMessage> messages)
        {
            for (int i = messages.Count - 1; i >= 0; i--)
            {
                if (messages[i].Role == ChatRole.User)
                {
                    return messages[i].Text;
                }
            }

            return null;
        }
    }

    private sealed class TurnsSelector(int count, bool userAndAssistantOnly) : PromptSelector
    {
        public override string? SelectPrompt(IReadOnlyList<ChatMessage> messages)
        {
            int first = messages.Count;
            for (int left = count; first > 0 && left > 0; first--)
            {
                if (Counts(messages[first - 1]))
                {
                    left--;
                }
            }

            var text = new StringBuilder();
            for (int i = first; i < messages.Count; i++)
            {
                if (Counts(messages[i]) && messages[i].Text is { Length: > 0 } turn)
                {
                    text.Append(text.Length > 0 ? "\n" : null).Append(turn);
                }
            }

            return text.ToString();
        }

        private bool Counts(ChatMessage message) =>
            !userAndAssistantOnly || message.Role == ChatRole.User || (message.Role == ChatRole.Assistant && message.Text.Length > 0);
    }

    private sealed class DelegateSelector(Func<IReadOnlyList<ChatMessage>, string?> select) : PromptSelector
    {
        public override string? SelectPrompt(IReadOnlyList<ChatMessage> messages) => select(messages);
    }
}
