using System.Buffers;
using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Counts tokens, for context windows, prices before a call, and providers that do not say what was used.</summary>
/// <remarks>The core brings an estimate and no tokenizer; pass a delegate to count exactly. Implementations must be thread-safe.</remarks>
public abstract class TokenCounter
{
    // What chat formats put around a message, and about what providers charge for an image of medium size, which cannot be known from its address.
    private const int TokensAroundMessage = 4;
    private const int TokensOfMedia = 1_000;

    /// <summary>Gets the counter that estimates: a token for four characters of scripts with spaces, and one for each ideograph, kana or Hangul syllable; at least one for any text.</summary>
    public static TokenCounter Estimate { get; } = new EstimateCounter();

    /// <summary>Makes a counter from a delegate, such as a tokenizer's <c>CountTokens</c>.</summary>
    /// <param name="count">Counts the tokens of a text.</param>
    /// <returns>The counter.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="count"/> is <see langword="null"/>.</exception>
    public static TokenCounter Create(Func<string, int> count)
    {
        ArgumentNullException.ThrowIfNull(count);
        return new DelegateCounter(count);
    }

    /// <summary>Counts the tokens of a text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The number of tokens.</returns>
    public abstract int Count(string text);

    /// <summary>Counts the input tokens of a request: its messages, instructions and tools; an image or a recording counts 1,000.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="options">The caller's options, or <see langword="null"/>.</param>
    /// <returns>The number of tokens.</returns>
    public long Count(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        long tokens = 0;
        for (int i = 0; i < messages.Count; i++)
        {
            tokens += TokensAroundMessage + Count(messages[i].Contents);
        }

        if (options?.Instructions is { Length: > 0 } instructions)
        {
            tokens += Count(instructions);
        }

        foreach (AITool tool in options?.Tools ?? [])
        {
            tokens += Count(tool.Name) + Count(tool.Description);
            if (tool is AIFunctionDeclaration function)
            {
                tokens += Count(function.JsonSchema.GetRawText());
            }
        }

        return tokens;
    }

    /// <summary>Counts the tokens of contents, as of a message or of an answer.</summary>
    /// <param name="contents">The contents.</param>
    /// <returns>The number of tokens.</returns>
    public long Count(IList<AIContent> contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        long tokens = 0;
        for (int i = 0; i < contents.Count; i++)
        {
            tokens += contents[i] switch
            {
                TextContent text => Count(text.Text),
                TextReasoningContent reasoning => Count(reasoning.Text),
                FunctionCallContent call => Count(call.Name) + (call.Arguments?.Sum(argument => (long)Count(argument.Key) + Count(argument.Value?.ToString() ?? "")) ?? 0),
                FunctionResultContent result => Count(result.Result?.ToString() ?? ""),
                DataContent or UriContent or HostedFileContent => TokensOfMedia,
                _ => 0,
            };
        }

        return tokens;
    }

    private sealed class EstimateCounter : TokenCounter
    {
        // Kana, ideographs and Hangul syllables; characters beyond U+FFFF come as two units, and count half each below.
        private static readonly SearchValues<char> s_wide = SearchValues.Create([.. Enumerable.Range(0x3040, 0x9FFF - 0x3040 + 1).Concat(Enumerable.Range(0xAC00, 0xD7A3 - 0xAC00 + 1)).Select(static unit => (char)unit)]);

        public override int Count(string text)
        {
            ArgumentNullException.ThrowIfNull(text);
            if (text.Length == 0)
            {
                return 0;
            }

            int wide = 0;
            ReadOnlySpan<char> rest = text;
            for (int next = rest.IndexOfAny(s_wide); next >= 0; next = rest.IndexOfAny(s_wide))
            {
                wide++;
                rest = rest[(next + 1)..];
            }

            return wide + (text.Length - wide + 3) / 4;
        }
    }

    private sealed class DelegateCounter(Func<string, int> count) : TokenCounter
    {
        public override int Count(string text) => count(text);
    }
}
