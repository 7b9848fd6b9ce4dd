using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.ML.Tokenizers;

namespace RouteLLM.Onnx;

/// <summary>Reads the tokenizer of a folder, whatever its kind.</summary>
internal sealed class TokenizerLoader : IDisposable
{
    private const string TokenizerName = "tokenizer.json", ConfigurationName = "tokenizer_config.json", VocabularyName = "vocab.txt", SpecialTokensName = "special_tokens_map.json";
    private static readonly string[] s_sentencePieceNames = ["sentencepiece.bpe.model", "sentencepiece.model"];

    private readonly string _folder;
    private readonly PromptTokenizerOptions _options;
    private readonly TokenizerJson? _tokenizer;
    private readonly TokenizerJson? _configuration;
    private readonly TokenizerJson? _specialTokens;

    private TokenizerLoader(string folder, PromptTokenizerOptions options)
    {
        _folder = folder;
        _options = options;
        _tokenizer = TokenizerJson.Open(folder, TokenizerName);
        _configuration = TokenizerJson.Open(folder, ConfigurationName);
        _specialTokens = TokenizerJson.Open(folder, SpecialTokensName);
    }

    /// <exception cref="OnnxModelException">There is no tokenizer that can be used.</exception>
    public static PromptTokenizer Load(string folder, PromptTokenizerOptions options)
    {
        if (!Directory.Exists(folder))
        {
            throw new OnnxModelException("its tokenizer was sought in this folder, which does not exist. Give the folder with the tokenizer's files.", folder);
        }

        try
        {
            using var loader = new TokenizerLoader(folder, options);
            return loader.Load();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"a file of its tokenizer cannot be read: {e.Message}", folder, e);
        }
    }

    public void Dispose()
    {
        _tokenizer?.Dispose();
        _configuration?.Dispose();
        _specialTokens?.Dispose();
    }

    private PromptTokenizer Load()
    {
        string? sentencePiece = s_sentencePieceNames.Select(name => Path.Combine(_folder, name)).FirstOrDefault(File.Exists);
        if (_tokenizer is { } tokenizer)
        {
            JsonElement model = TokenizerJson.Member(tokenizer.Root, "model") ?? throw new OnnxModelException("it has no 'model'. Copy it again from the original model.", tokenizer.Path);
            string? type = TokenizerJson.Text(model, "type") ?? (TokenizerJson.Member(model, "merges") is null ? "WordPiece" : "BPE");
            return type switch
            {
                "WordPiece" => WordPieceReader.Read(tokenizer, model, Parts(TokenizerTemplate.Read(tokenizer))),
                "BPE" => BytePairReader.Read(tokenizer, model, Parts(TokenizerTemplate.Read(tokenizer))),
                "Unigram" => LoadXlmRoberta(sentencePiece ?? throw new OnnxModelException(
                    $"'{TokenizerName}' holds a unigram model, and the SentencePiece model it was made from, '{s_sentencePieceNames[0]}', is missing beside it. Copy that file from the original model.", _folder)),
                _ => throw new OnnxModelException($"its model is of the type '{type}'; known are WordPiece, BPE (byte-level) and Unigram (XLM-RoBERTa).", tokenizer.Path),
            };
        }

        string vocabulary = Path.Combine(_folder, VocabularyName);
        return sentencePiece is not null ? LoadXlmRoberta(sentencePiece)
            : File.Exists(vocabulary) ? LoadVocabulary(vocabulary)
            : throw new OnnxModelException(
                $"its tokenizer is missing: the folder has neither '{TokenizerName}' nor '{VocabularyName}' (WordPiece) nor '{s_sentencePieceNames[0]}' (SentencePiece). Copy the tokenizer's files from the original model, or save them with the export.",
                _folder);
    }

    private WordPieceTokenizer LoadVocabulary(string path)
    {
        var pieces = new Dictionary<string, int>();
        int next = 0;
        foreach (string line in File.ReadLines(path, Encoding.UTF8))
        {
            // Of a piece that stands twice, the last counts, as in Hugging Face's reader; white space at the end belongs to no piece.
            pieces[line.TrimEnd()] = next++;
        }

        JsonElement configuration = _configuration?.Root ?? default;
        bool lowercase = TokenizerJson.Flag(configuration, "do_lower_case") ?? true;
        var rules = new BertTextRules(lowercase, TokenizerJson.Flag(configuration, "strip_accents") ?? lowercase, SplitChineseCharacters: TokenizerJson.Flag(configuration, "tokenize_chinese_chars") ?? true);
        int begin = Id(SpecialToken("cls_token", "[CLS]")), end = Id(SpecialToken("sep_token", "[SEP]"));
        string[] special = [SpecialToken("pad_token", "[PAD]"), SpecialToken("unk_token", "[UNK]"), SpecialToken("cls_token", "[CLS]"), SpecialToken("sep_token", "[SEP]"), SpecialToken("mask_token", "[MASK]")];
        IEnumerable<AddedToken> added = special.Distinct().Where(pieces.ContainsKey).Select(token => new AddedToken(token, pieces[token], IsSpecial: true));
        var vocabulary = new WordPieceVocabulary(pieces, "##", Id(SpecialToken("unk_token", "[UNK]")), 100);
        return new WordPieceTokenizer(Parts([begin], [end], added), vocabulary, rules);

        int Id(string token) => pieces.TryGetValue(token, out int id) ? id : throw new OnnxModelException($"it has no piece '{token}', which the tokenizer needs. Copy it again from the original model.", path);
    }

    private XlmRobertaTokenizer LoadXlmRoberta(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        try
        {
            SentencePieceModel model = SentencePieceModel.Read(file);
            if (!model.FirstPieces.SequenceEqual(["<unk>", "<s>", "</s>"]))
            {
                throw new OnnxModelException("its first pieces are not <unk>, <s> and </s>, so its ids are not XLM-RoBERTa's, the only ones known for SentencePiece.", path);
            }

            var pieces = SentencePieceTokenizer.Create(new MemoryStream(file), addBeginningOfSentence: false, addEndOfSentence: false);
            IReadOnlyList<AddedToken> added = [.. Added()];
            if (added.Count == 0)
            {
                added =
                [
                    new("<s>", XlmRobertaTokenizer.BeginId, true), new("<pad>", XlmRobertaTokenizer.PadTokenId, true), new("</s>", XlmRobertaTokenizer.EndId, true),
                    new("<unk>", XlmRobertaTokenizer.UnknownId, true), new("<mask>", model.PieceCount + XlmRobertaTokenizer.Offset, true, TakesSpaceBefore: true),
                ];
            }

            if (added.FirstOrDefault(static token => token.Content == "<s>")?.Id != XlmRobertaTokenizer.BeginId || added.FirstOrDefault(static token => token.Content == "</s>")?.Id != XlmRobertaTokenizer.EndId)
            {
                throw new OnnxModelException("the ids of <s> and </s> are not 0 and 2, so they are not XLM-RoBERTa's, the only ones known for SentencePiece.", _folder);
            }

            return new XlmRobertaTokenizer(Parts([XlmRobertaTokenizer.BeginId], [XlmRobertaTokenizer.EndId], added, XlmRobertaTokenizer.PadTokenId), pieces, model.PieceCount, new SentencePieceText(model));
        }
        catch (Exception e) when (e is not (OnnxModelException or OutOfMemoryException or ArgumentOutOfRangeException { ParamName: "maxLength" }))
        {
            // Of a damaged file, the reader of Microsoft.ML.Tokenizers throws whatever comes up.
            throw new OnnxModelException($"it cannot be read as a SentencePiece unigram model: {e.Message.TrimEnd('.')}. Copy it again from the original model.", path, e);
        }
    }

    private TokenizerParts Parts(TokenizerTemplate template) => Parts(template.Prefix, template.Suffix, Added());

    private TokenizerParts Parts(int[] prefix, int[] suffix, IEnumerable<AddedToken> added, int? pad = null)
    {
        AddedToken[] tokens = [.. added];
        string? padToken = Configured("pad_token");
        int? configuredLength = ConfiguredLength();
        if (configuredLength <= prefix.Length + suffix.Length && _options.MaxLength is null)
        {
            throw new OnnxModelException(
                $"its tokenizer's files allow {configuredLength} tokens a text, of which {prefix.Length + suffix.Length} are special ones. Correct model_max_length in '{ConfigurationName}', or set {nameof(PromptTokenizerOptions)}.{nameof(PromptTokenizerOptions.MaxLength)}.",
                _folder);
        }

        return new TokenizerParts
        {
            AddedTokens = new AddedTokens(tokens),
            Prefix = prefix,
            Suffix = suffix,
            PadId = tokens.FirstOrDefault(token => token.Content == padToken)?.Id ?? pad ?? tokens.FirstOrDefault(static token => token.Content is "[PAD]" or "<pad>")?.Id ?? 0,
            MaxLength = _options.MaxLength ?? configuredLength,
            TruncateInFront = _configuration is { } configuration && TokenizerJson.Text(configuration.Root, "truncation_side") == "left",
            Neutralize = _options.NeutralizeSpecialTokens,
        };
    }

    private int? ConfiguredLength()
    {
        // Where a tokenizer has no limit, its configuration says 10^30.
        if (_configuration is { } configuration && TokenizerJson.Member(configuration.Root, "model_max_length") is { ValueKind: JsonValueKind.Number } longest)
        {
            return longest.TryGetDouble(out double length) && length is >= 1 and < int.MaxValue ? (int)length : null;
        }

        return _tokenizer is { } tokenizer && TokenizerJson.Member(tokenizer.Root, "truncation") is { } truncation ? TokenizerJson.Number(truncation, "max_length") : null;
    }

    private string? Configured(string name) =>
        (_configuration is { } configuration ? TokenizerJson.TokenText(configuration.Root, name) : null) ?? (_specialTokens is { } map ? TokenizerJson.TokenText(map.Root, name) : null);

    private string SpecialToken(string name, string usual) => Configured(name) ?? usual;

    private IEnumerable<AddedToken> Added()
    {
        if (_tokenizer is { } tokenizer)
        {
            return [.. TokenizerJson.Items(tokenizer.Root, "added_tokens").Select(token => Added(token, TokenizerJson.Number(token, "id"), tokenizer.Path))];
        }

        return _configuration is { } configuration && TokenizerJson.Member(configuration.Root, "added_tokens_decoder") is { ValueKind: JsonValueKind.Object } tokens
            ? [.. tokens.EnumerateObject().Select(token => Added(token.Value, int.TryParse(token.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : null, configuration.Path))]
            : [];
    }

    private AddedToken Added(JsonElement token, int? id, string path)
    {
        string content = TokenizerJson.Text(token, "content") ?? throw new OnnxModelException("one of its added tokens has no content. Copy it again from the original model.", path);
        return new AddedToken(
            content,
            id ?? throw new OnnxModelException($"its added token '{content}' has no id. Copy it again from the original model.", path),
            (TokenizerJson.Flag(token, "special") ?? false) || _options.AdditionalSpecialTokens.Contains(content),
            TokenizerJson.Flag(token, "lstrip") ?? false,
            TokenizerJson.Flag(token, "rstrip") ?? false,
            TokenizerJson.Flag(token, "single_word") ?? false);
    }
}
