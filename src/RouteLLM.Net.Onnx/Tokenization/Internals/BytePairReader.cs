using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;

namespace RouteLLM.Onnx;

/// <summary>Reads a byte-level byte-pair tokenizer from <c>tokenizer.json</c>.</summary>
internal static class BytePairReader
{
    /// <exception cref="OnnxModelException">It is damaged, or has parts that are not known.</exception>
    public static BytePairTokenizer Read(TokenizerJson tokenizer, JsonElement model, TokenizerParts parts)
    {
        string path = tokenizer.Path;
        Dictionary<string, int> vocabulary = TokenizerVocabulary.Read(model, path);
        if (BytePairTokenizer.ByteCharacters().FirstOrDefault(c => !vocabulary.ContainsKey(c.ToString())) is not '\0' and var missing)
        {
            throw new OnnxModelException($"its vocabulary lacks '{missing}', which stands for one of the 256 bytes; only byte-level byte-pair encoding is known.", path);
        }

        WordSplitter splitter = ReadSplitter(tokenizer);
        bool composes = ReadComposes(tokenizer);
        try
        {
            var merger = BpeTokenizer.Create(new BpeOptions(vocabulary)
            {
                Merges = [.. TokenizerJson.Items(model, "merges").Select(merge => ReadMerge(merge, path))],
                ByteLevel = true,
                PreTokenizer = new WholeText(),
            });
            return new BytePairTokenizer(parts, merger, splitter, vocabulary, TokenizerJson.Flag(model, "ignore_merges") == true, composes);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException { ParamName: not "maxLength" } or FormatException or KeyNotFoundException)
        {
            throw new OnnxModelException($"its vocabulary and merges do not fit together: {e.Message} Copy it again from the original model.", path, e);
        }
    }

    // Written as "a b" or, by newer versions, as ["a", "b"].
    private static string ReadMerge(JsonElement merge, string path) => merge.ValueKind switch
    {
        JsonValueKind.String => merge.GetString()!,
        JsonValueKind.Array when merge.GetArrayLength() == 2 => $"{merge[0]} {merge[1]}",
        _ => throw new OnnxModelException("one of its merges is not a pair. Copy it again from the original model.", path),
    };

    private static WordSplitter ReadSplitter(TokenizerJson tokenizer)
    {
        JsonElement outer = TokenizerJson.Member(tokenizer.Root, "pre_tokenizer") ?? throw Unknown("it has none");
        JsonElement[] steps = TokenizerJson.Text(outer, "type") == "Sequence" ? [.. TokenizerJson.Items(outer, "pretokenizers")] : [outer];
        JsonElement last = steps.LastOrDefault();
        if (TokenizerJson.Text(last, "type") != "ByteLevel")
        {
            throw Unknown($"its last step is '{TokenizerJson.Text(last, "type")}'");
        }

        bool addPrefixSpace = TokenizerJson.Flag(last, "add_prefix_space") ?? true;
        bool splits = TokenizerJson.Flag(last, "use_regex") ?? true;
        string? expression = steps.Length switch
        {
            1 when splits => WordSplitter.Gpt2Expression,
            2 when !splits && TokenizerJson.Text(steps[0], "type") == "Split" && TokenizerJson.Text(steps[0], "behavior") == "Isolated" && TokenizerJson.Flag(steps[0], "invert") != true
                && TokenizerJson.Member(steps[0], "pattern") is { } pattern => TokenizerJson.Text(pattern, "Regex"),
            _ => null,
        };
        try
        {
            return new WordSplitter(expression ?? throw Unknown("its steps are another sequence"), addPrefixSpace);
        }
        catch (ArgumentException e)
        {
            throw new OnnxModelException($"its pre-tokenizer splits by an expression that .NET does not understand: {e.Message}", tokenizer.Path, e);
        }

        OnnxModelException Unknown(string what) =>
            new($"its pre-tokenizer is not known: {what}. Known are ByteLevel (as GPT-2, RoBERTa and ModernBERT have it), and Split by an expression followed by ByteLevel (as Llama 3 has it).", tokenizer.Path);
    }

    private static bool ReadComposes(TokenizerJson tokenizer)
    {
        if (TokenizerJson.Member(tokenizer.Root, "normalizer") is not { } normalizer)
        {
            return false;
        }

        if (TokenizerJson.Text(normalizer, "type") is not "NFC" and var type)
        {
            throw new OnnxModelException($"its normalizer is '{type}'; known for byte-pair encoding are NFC and none.", tokenizer.Path);
        }

        // Without ICU .NET leaves all but ASCII as it is, and ids would be wrong without a word.
        return "e\u0301".Normalize(NormalizationForm.FormC).Length == 1
            ? true
            : throw new OnnxModelException("its tokenizer needs Unicode normalization (NFC), which this application is without: it runs with InvariantGlobalization. Set it to false, and have ICU installed.", tokenizer.Path);
    }
}
