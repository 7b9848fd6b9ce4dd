using System.Globalization;
using System.Text;

namespace RouteLLM.Onnx;

/// <summary>BERT's tokenizer: clean text, split into words and punctuation, then the longest pieces that the vocabulary has, from the left.</summary>
/// <remarks>
/// Own code, since <c>Microsoft.ML.Tokenizers.BertTokenizer</c> 2.0.1 gives other ids: it cuts characters beyond U+FFFF in two, splits at no underscore or other connector, keeps some control characters and accents,
/// and reads the text of special tokens as such. Rules as of Hugging Face's <c>BertNormalizer</c>, <c>BertPreTokenizer</c> and <c>WordPiece</c>.
/// </remarks>
internal sealed class WordPieceTokenizer : PromptTokenizer
{
    private readonly WordPieceVocabulary _vocabulary;
    private readonly BertTextRules _rules;

    public WordPieceTokenizer(TokenizerParts parts, WordPieceVocabulary vocabulary, BertTextRules rules)
        : base(parts, vocabulary.LargestId)
    {
        _vocabulary = vocabulary;
        _rules = rules;
    }

    private protected override void EncodePart(ReadOnlySpan<char> text, int enough, List<int> ids)
    {
        var word = new StringBuilder();
        Span<int> bases = stackalloc int[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (ids.Count >= enough)
            {
                return;
            }

            // A half surrogate is enumerated as U+FFFD.
            if (_rules.CleanText && IsDropped(rune))
            {
                continue;
            }

            bool isApart = _rules.SplitChineseCharacters && IsChineseCharacter(rune.Value);
            if (isApart)
            {
                EndWord(word, ids);
            }

            int count = 1;
            bases[0] = rune.Value;
            if (_rules.StripAccents)
            {
                count = CanonicalBases.Decompose(rune, bases);
            }

            foreach (int value in bases[..count])
            {
                Append(new Rune(value), word, ids);
            }

            if (isApart)
            {
                EndWord(word, ids);
            }
        }

        EndWord(word, ids);
    }

    private void Append(Rune rune, StringBuilder word, List<int> ids)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            EndWord(word, ids);
            return;
        }

        Rune lower = _rules.Lowercase ? Rune.ToLowerInvariant(rune) : rune;
        if (IsPunctuation(rune))
        {
            EndWord(word, ids);
            word.Append(lower.ToString());
            EndWord(word, ids);
        }
        else if (_rules.Lowercase && rune.Value == 'İ')
        {
            // The one character that is two in lower case.
            word.Append("i\u0307");
        }
        else
        {
            word.Append(lower.ToString());
        }
    }

    private void EndWord(StringBuilder word, List<int> ids)
    {
        if (word.Length > 0)
        {
            _vocabulary.Encode(word.ToString(), ids);
            word.Clear();
        }
    }

    private static bool IsDropped(Rune rune) =>
        rune.Value is 0 or 0xFFFD
        || (rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse);

    private static bool IsPunctuation(Rune rune) =>
        rune.IsAscii ? rune.Value is > ' ' and < 0x7F && !char.IsAsciiLetterOrDigit((char)rune.Value) : Rune.IsPunctuation(rune);

    private static bool IsChineseCharacter(int value) => value is
        (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
