namespace RouteLLM.Onnx;

/// <summary>Turns prompts into the token ids that a model was trained on.</summary>
/// <remarks>
/// <para>
/// A tokenizer is loaded from the files beside a model. Three kinds are known: WordPiece, as of BERT (<c>tokenizer.json</c> or <c>vocab.txt</c>); byte-level byte-pair encoding, as of ModernBERT, RoBERTa and Llama 3
/// (<c>tokenizer.json</c>); and SentencePiece's unigram model with the ids of XLM-RoBERTa (<c>sentencepiece.bpe.model</c>). Ids equal those of Hugging Face's tokenizers, but that by default
/// the text of special tokens is plain text (see <see cref="PromptTokenizerOptions.NeutralizeSpecialTokens"/>).
/// </para>
/// <para>Thread-safe; one tokenizer serves all callers.</para>
/// </remarks>
public abstract class PromptTokenizer
{
    private readonly TokenizerParts _parts;
    private int? _maxLength;

    private protected PromptTokenizer(TokenizerParts parts, int largestId)
    {
        _parts = parts;
        LargestId = largestId;
        _maxLength = CheckLength(parts.MaxLength);
    }

    /// <summary>Gets the longest text in tokens, special ones included, or <see langword="null"/> if there is no limit.</summary>
    public int? MaxLength => _maxLength;

    /// <summary>Gets the id that fills up shorter texts of a batch.</summary>
    public int PadId => _parts.PadId;

    /// <summary>Loads the tokenizer of a folder.</summary>
    /// <param name="folder">The folder with the tokenizer's files.</param>
    /// <param name="options">How texts become tokens; the defaults if <see langword="null"/>.</param>
    /// <returns>The tokenizer.</returns>
    /// <exception cref="ArgumentException"><paramref name="folder"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The longest text asked for has no room for a token beside the special ones.</exception>
    /// <exception cref="OnnxModelException">There is no tokenizer in the folder, it is damaged, or it is of a kind that is not known.</exception>
    public static PromptTokenizer Load(string folder, PromptTokenizerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return TokenizerLoader.Load(folder, options ?? new PromptTokenizerOptions());
    }

    /// <summary>Turns a text into token ids.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The ids, special ones included, at most <see cref="MaxLength"/>.</returns>
    public TokenizedPrompt Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Encode("", text, "");
    }

    /// <summary>Gets the largest id of the vocabulary, added tokens left out: some tokenizers have those that their model does not know.</summary>
    internal int LargestId { get; }

    /// <summary>Turns a prompt in a template into token ids; special tokens of the template are always read as such.</summary>
    internal TokenizedPrompt Encode(string before, string prompt, string after)
    {
        string text = before + prompt + after;
        int special = _parts.Prefix.Length + _parts.Suffix.Length;
        int room = _maxLength is { } longest ? longest - special : int.MaxValue;

        // One token more than there is room for tells that there are more; cutting in front needs them all.
        int enough = _parts.TruncateInFront || room == int.MaxValue ? int.MaxValue : room + 1;
        List<int> ids = [];
        foreach (TextPart part in _parts.AddedTokens.Split(text, before.Length, _parts.Neutralize ? prompt.Length : 0))
        {
            if (ids.Count >= enough)
            {
                break;
            }

            if (part.Id is { } id)
            {
                ids.Add(id);
            }
            else
            {
                EncodePart(text.AsSpan(part.Start, part.Length), enough, ids);
            }
        }

        bool cut = ids.Count > room;
        int kept = cut ? room : ids.Count;
        int first = cut && _parts.TruncateInFront ? ids.Count - room : 0;
        var all = new int[kept + special];
        _parts.Prefix.CopyTo(all, 0);
        ids.CopyTo(first, all, _parts.Prefix.Length, kept);
        _parts.Suffix.CopyTo(all, _parts.Prefix.Length + kept);
        return new TokenizedPrompt(all, cut);
    }

    /// <summary>Gives the id of a token added to the vocabulary, such as a special one, or <see langword="null"/>.</summary>
    internal int? FindAddedToken(string token) => _parts.AddedTokens.Find(token);

    /// <summary>Gives the same tokenizer with another longest text.</summary>
    internal PromptTokenizer WithMaxLength(int? maxLength)
    {
        var other = (PromptTokenizer)MemberwiseClone();
        other._maxLength = CheckLength(maxLength);
        return other;
    }

    /// <summary>Turns text without added tokens into ids.</summary>
    /// <param name="text">The text.</param>
    /// <param name="enough">How many ids may end the work early.</param>
    /// <param name="ids">Takes the ids.</param>
    private protected abstract void EncodePart(ReadOnlySpan<char> text, int enough, List<int> ids);

    private int? CheckLength(int? maxLength)
    {
        int special = _parts.Prefix.Length + _parts.Suffix.Length;
        return maxLength > special || maxLength is null
            ? maxLength
            : throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"A text has {special} special tokens and needs room for at least one more; allow {special + 1} tokens at least.");
    }
}
