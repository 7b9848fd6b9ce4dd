using System.Text.Json;

namespace RouteLLM.Onnx;

/// <summary>Reads the vocabulary of <c>tokenizer.json</c>.</summary>
internal static class TokenizerVocabulary
{
    /// <exception cref="OnnxModelException">It is damaged.</exception>
    public static Dictionary<string, int> Read(JsonElement model, string path)
    {
        if (TokenizerJson.Member(model, "vocab") is not { ValueKind: JsonValueKind.Object } vocabulary)
        {
            throw new OnnxModelException("its model has no vocabulary. Copy it again from the original model.", path);
        }

        var pieces = new Dictionary<string, int>();
        foreach (JsonProperty piece in vocabulary.EnumerateObject())
        {
            pieces[piece.Name] = piece.Value.ValueKind == JsonValueKind.Number && piece.Value.TryGetInt32(out int id)
                ? id
                : throw new OnnxModelException($"its vocabulary gives '{piece.Name}' no number. Copy it again from the original model.", path);
        }

        return pieces;
    }
}
