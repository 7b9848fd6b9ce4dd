using System.Text;
using Microsoft.ML.Tokenizers;

namespace RouteLLM.Onnx;

/// <summary>Byte-level byte-pair encoding, as of Llama 3, ModernBERT and RoBERTa.</summary>
/// <remarks>
/// Microsoft.ML.Tokenizers merges pairs within a word. Around it is what version 2.0.1 has not: expressions that match code points (see <see cref="WordSplitter"/>), words that are one token whatever the merges
/// (<c>ignore_merges</c>), and special tokens that can be read as plain text.
/// </remarks>
internal sealed class BytePairTokenizer : PromptTokenizer
{
    // A longer word is hardly ever one token, and is no gain to look up.
    private const int LongestToken = 256;

    private static readonly char[] s_byteCharacters = ByteCharacters();

    private readonly BpeTokenizer _merger;
    private readonly WordSplitter _splitter;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholeWords;
    private readonly bool _composes;

    /// <param name="parts">What all tokenizers have.</param>
    /// <param name="merger">Merges the pairs of a word.</param>
    /// <param name="splitter">Splits text into words.</param>
    /// <param name="vocabulary">Every token with its id.</param>
    /// <param name="keepsWholeWords">Whether words that are tokens are one whatever the merges.</param>
    /// <param name="composes">Whether text is brought to Unicode's form NFC first.</param>
    public BytePairTokenizer(TokenizerParts parts, BpeTokenizer merger, WordSplitter splitter, Dictionary<string, int> vocabulary, bool keepsWholeWords, bool composes)
        : base(parts, vocabulary.Values.Max())
    {
        _merger = merger;
        _splitter = splitter;
        _wholeWords = keepsWholeWords ? vocabulary.GetAlternateLookup<ReadOnlySpan<char>>() : null;
        _composes = composes;
    }

    private protected override void EncodePart(ReadOnlySpan<char> text, int enough, List<int> ids)
    {
        // A half surrogate has no UTF-8; as elsewhere it becomes U+FFFD, which also lets the text be composed.
        string prepared = _splitter.Prepare(text);
        string whole = prepared.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(prepared)) : prepared;
        whole = _composes ? whole.Normalize(NormalizationForm.FormC) : whole;
        foreach (Range word in _splitter.Split(whole))
        {
            if (ids.Count >= enough)
            {
                return;
            }

            ReadOnlySpan<char> characters = whole.AsSpan(word);
            if (FindWhole(characters) is { } id)
            {
                ids.Add(id);
            }
            else
            {
                ids.AddRange(_merger.EncodeToIds(characters, considerPreTokenization: false, considerNormalization: false));
            }
        }
    }

    private int? FindWhole(ReadOnlySpan<char> word)
    {
        if (_wholeWords is not { } words || word.Length > LongestToken)
        {
            return null;
        }

        Span<byte> utf8 = stackalloc byte[3 * LongestToken];
        Span<char> token = stackalloc char[3 * LongestToken];
        int length = Encoding.UTF8.GetBytes(word, utf8);
        for (int i = 0; i < length; i++)
        {
            token[i] = s_byteCharacters[utf8[i]];
        }

        return words.TryGetValue(token[..length], out int id) ? id : null;
    }

    /// <summary>Gives the characters that stand for bytes in a vocabulary: printable ones for themselves, and the others from U+0100 on, in order (GPT-2, <c>bytes_to_unicode</c>).</summary>
    internal static char[] ByteCharacters()
    {
        char[] characters = new char[256];
        int next = 256;
        for (int i = 0; i < characters.Length; i++)
        {
            characters[i] = i is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)i : (char)next++;
        }

        return characters;
    }
}
