using System.Text;
using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Chooses the last message of the user, and, if that says little by itself ("go on", "commit it", "noch einmal", "继续"), the user's messages before it from the last one that does, separated by line feeds.</summary>
/// <remarks>
/// <para>
/// A follow-up is short and either a phrase of its own ("why not?") or refers back ("translate it into French"). It is known by word lists in Arabic, Chinese, Dutch, English, French, German, Hindi, Italian, Japanese,
/// Korean, Polish, Portuguese, Russian, Spanish, Turkish and Ukrainian. Thanks and greetings are no follow-ups: they are judged alone, and are no context either.
/// </para>
/// <para>The assistant's answers are left out: routers are trained on what users write.</para>
/// </remarks>
public sealed class FollowUpPromptSelector : PromptSelector
{
    private readonly int _maxTurns;

    /// <summary>Initializes a new instance of the <see cref="FollowUpPromptSelector"/> class.</summary>
    /// <param name="maxTurns">How many of the user's messages to take at most, the last one included; at least 1. The default is 6.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTurns"/> is less than 1.</exception>
    public FollowUpPromptSelector(int maxTurns = 6)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTurns, 1);
        _maxTurns = maxTurns;
    }

    /// <summary>Tells whether a message only makes sense together with what came before it.</summary>
    /// <param name="text">The message.</param>
    /// <returns><see langword="true"/> if it is a follow-up.</returns>
    public static bool IsFollowUp(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FollowUpWords.KindOf(text) == TurnKind.FollowUp;
    }

    /// <inheritdoc/>
    public override string? SelectPrompt(IReadOnlyList<ChatMessage> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        int last = PreviousOfUser(messages, messages.Count);
        if (last < 0)
        {
            return null;
        }

        string text = messages[last].Text;
        int before = PreviousOfUser(messages, last);
        return before < 0 || _maxTurns == 1 || FollowUpWords.KindOf(text) != TurnKind.FollowUp ? text : InContext(messages, text, before);
    }

    private static int PreviousOfUser(IReadOnlyList<ChatMessage> messages, int before)
    {
        int i = before - 1;
        while (i >= 0 && messages[i].Role != ChatRole.User)
        {
            i--;
        }

        return i;
    }

    private string InContext(IReadOnlyList<ChatMessage> messages, string text, int before)
    {
        List<string> turns = [text];
        for (int i = before; i >= 0 && turns.Count < _maxTurns; i = PreviousOfUser(messages, i))
        {
            string turn = messages[i].Text;
            TurnKind kind = FollowUpWords.KindOf(turn);
            if (kind != TurnKind.Courtesy)
            {
                turns.Add(turn);
            }

            if (kind == TurnKind.Substance)
            {
                break;
            }
        }

        var prompt = new StringBuilder();
        for (int i = turns.Count - 1; i >= 0; i--)
        {
            prompt.Append(prompt.Length > 0 ? "\n" : null).Append(turns[i]);
        }

        return prompt.ToString();
    }
}
