using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>The special tokens around a text, which <c>tokenizer.json</c> calls its post-processor.</summary>
/// <param name="Prefix">The ids before a text.</param>
/// <param name="Suffix">The ids after it.</param>
internal sealed record TokenizerTemplate(int[] Prefix, int[] Suffix)
{
    /// <exception cref="OnnxModelException">It is damaged or of an unknown kind.</exception>
    public static TokenizerTemplate Read(TokenizerJson tokenizer) =>
        TokenizerJson.Member(tokenizer.Root, "post_processor") is { } processor ? Read(processor, tokenizer.Path) : new([], []);

    private static TokenizerTemplate Read(JsonElement processor, string path)
    {
        switch (TokenizerJson.Text(processor, "type"))
        {
            case "ByteLevel":
                return new([], []);
            case "Sequence":
                return TokenizerJson.Items(processor, "processors").Select(item => Read(item, path)).Aggregate(new TokenizerTemplate([], []), static (inner, outer) => new([.. outer.Prefix, .. inner.Prefix], [.. inner.Suffix, .. outer.Suffix]));
            case "BertProcessing" or "RobertaProcessing":
                return new([Pair(processor, "cls", path)], [Pair(processor, "sep", path)]);
            case "TemplateProcessing":
                return ReadTemplate(processor, path);
            case var type:
                throw new OnnxModelException($"its post-processor is of the type '{type}', which is not known.", path);
        }
    }

    private static TokenizerTemplate ReadTemplate(JsonElement processor, string path)
    {
        List<int> prefix = [], suffix = [];
        bool isAfter = false;
        foreach (JsonElement part in TokenizerJson.Items(processor, "single"))
        {
            if (TokenizerJson.Member(part, "SpecialToken") is { } special)
            {
                string name = TokenizerJson.Text(special, "id") ?? "";
                JsonElement? token = TokenizerJson.Member(processor, "special_tokens") is { } tokens ? TokenizerJson.Member(tokens, name) : null;
                int[] ids = token is { } found ? [.. TokenizerJson.Items(found, "ids").Select(id => id.TryGetInt32(out int value) ? value : throw Damaged(path))] : throw Damaged(path);
                (isAfter ? suffix : prefix).AddRange(ids);
            }
            else
            {
                isAfter = true;
            }
        }

        return new([.. prefix], [.. suffix]);
    }

    // Written as ["[CLS]", 101].
    private static int Pair(JsonElement processor, string name, string path) =>
        TokenizerJson.Items(processor, name).LastOrDefault() is { ValueKind: JsonValueKind.Number } id && id.TryGetInt32(out int value) ? value : throw Damaged(path);

    private static OnnxModelException Damaged(string path) => new("its post-processor names a special token and no id for it. Copy it again from the original model.", path);
}
