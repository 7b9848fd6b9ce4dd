using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>Reads BERT's tokenizer from <c>tokenizer.json</c>.</summary>
internal static class WordPieceReader
{
    private const int LongestWord = 100;

    /// <exception cref="OnnxModelException">It is damaged, or has parts that are not known.</exception>
    public static WordPieceTokenizer Read(TokenizerJson tokenizer, JsonElement model, TokenizerParts parts)
    {
        Dictionary<string, int> pieces = TokenizerVocabulary.Read(model, tokenizer.Path);
        string unknown = TokenizerJson.Text(model, "unk_token") ?? "[UNK]";
        if (!pieces.TryGetValue(unknown, out int unknownId))
        {
            throw new OnnxModelException($"its vocabulary has no piece '{unknown}', which stands for unknown words. Copy it again from the original model.", tokenizer.Path);
        }

        if (TokenizerJson.Member(tokenizer.Root, "pre_tokenizer") is not { } splitter || TokenizerJson.Text(splitter, "type") != "BertPreTokenizer")
        {
            throw new OnnxModelException("it is WordPiece, but its pre-tokenizer is not BertPreTokenizer, the one that is known.", tokenizer.Path);
        }

        var vocabulary = new WordPieceVocabulary(pieces, TokenizerJson.Text(model, "continuing_subword_prefix") ?? "##", unknownId, TokenizerJson.Number(model, "max_input_chars_per_word") ?? LongestWord);
        return new WordPieceTokenizer(parts, vocabulary, ReadRules(tokenizer));
    }

    private static BertTextRules ReadRules(TokenizerJson tokenizer)
    {
        if (TokenizerJson.Member(tokenizer.Root, "normalizer") is not { } normalizer)
        {
            return new BertTextRules(false, false, false, false);
        }

        if (TokenizerJson.Text(normalizer, "type") is not "BertNormalizer" and var type)
        {
            throw new OnnxModelException($"it is WordPiece, but its normalizer is '{type}' and not BertNormalizer, the one that is known.", tokenizer.Path);
        }

        bool lowercase = TokenizerJson.Flag(normalizer, "lowercase") ?? true;
        return new BertTextRules(
            lowercase,
            TokenizerJson.Flag(normalizer, "strip_accents") ?? lowercase,
            TokenizerJson.Flag(normalizer, "clean_text") ?? true,
            TokenizerJson.Flag(normalizer, "handle_chinese_chars") ?? true);
    }
}
