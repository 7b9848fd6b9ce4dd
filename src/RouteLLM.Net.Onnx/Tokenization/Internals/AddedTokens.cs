using System.Buffers;

namespace RouteLLM.Onnx;

/// <summary>Finds added tokens in texts: the leftmost first and, of those that begin at one place, the longest.</summary>
/// <remarks>Tokens are sought in the text as it is; Hugging Face's tokenizers seek some in the normalized text, which differs only for tokens that normalization changes.</remarks>
internal sealed class AddedTokens
{
    private readonly AddedToken[] _tokens;
    private readonly SearchValues<string> _all;
    private readonly SearchValues<string> _ordinary;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        _tokens = [.. tokens.Where(static token => token.Content.Length > 0).OrderByDescending(static token => token.Content.Length)];
        _all = SearchValues.Create([.. _tokens.Select(static token => token.Content)], StringComparison.Ordinal);
        _ordinary = SearchValues.Create([.. _tokens.Where(static token => !token.IsSpecial).Select(static token => token.Content)], StringComparison.Ordinal);
    }

    public int? Find(string content) => _tokens.FirstOrDefault(token => token.Content == content)?.Id;

    /// <summary>Splits a text at its added tokens.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the part begins that special tokens are not sought in.</param>
    /// <param name="length">How long it is; a special token may not even touch it.</param>
    /// <returns>The parts, without empty ones, in order.</returns>
    public IEnumerable<TextPart> Split(string text, int start, int length)
    {
        int begin = 0;
        for (int at = Next(text, 0, start, length); at >= 0;)
        {
            if (Match(text, at, start, length) is not { } token)
            {
                at = Next(text, at + 1, start, length);
                continue;
            }

            int end = at;
            while (token.TakesSpaceBefore && end > begin && char.IsWhiteSpace(text[end - 1]))
            {
                end--;
            }

            if (end > begin)
            {
                yield return new TextPart(begin, end - begin, null);
            }

            yield return new TextPart(at, token.Content.Length, token.Id);
            begin = at + token.Content.Length;
            while (token.TakesSpaceAfter && begin < text.Length && char.IsWhiteSpace(text[begin]))
            {
                begin++;
            }

            at = Next(text, begin, start, length);
        }

        if (begin < text.Length)
        {
            yield return new TextPart(begin, text.Length - begin, null);
        }
    }

    private int Next(string text, int from, int start, int length)
    {
        // Inside the neutral part nothing special is sought; before and after it, everything.
        if (from >= start && from < start + length)
        {
            int inside = text.AsSpan(from, start + length - from).IndexOfAny(_ordinary);
            if (inside >= 0)
            {
                return from + inside;
            }

            // A token that is not special may reach over the end.
            from = Math.Max(from, start + length - (_tokens.Length == 0 ? 0 : _tokens[0].Content.Length));
        }

        int index = from < text.Length ? text.AsSpan(from).IndexOfAny(_all) : -1;
        return index < 0 ? -1 : from + index;
    }

    private AddedToken? Match(string text, int at, int start, int length)
    {
        foreach (AddedToken token in _tokens)
        {
            int end = at + token.Content.Length;
            if (string.CompareOrdinal(text, at, token.Content, 0, token.Content.Length) == 0
                && !(token.IsSpecial && at < start + length && end > start)
                && !(token.IsWholeWord && (IsWord(text, at - 1) || IsWord(text, end))))
            {
                return token;
            }
        }

        return null;
    }

    private static bool IsWord(string text, int index) => index >= 0 && index < text.Length && (char.IsLetterOrDigit(text[index]) || text[index] == '_');
}
