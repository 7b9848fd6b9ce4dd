using Microsoft.ML.Tokenizers;

namespace RouteLLM.Onnx;

/// <summary>Splits nothing; for a model of Microsoft.ML.Tokenizers that is given words.</summary>
internal sealed class WholeText : PreTokenizer
{
    public override IEnumerable<(int Offset, int Length)> PreTokenize(string text) => [(0, text.Length)];

    public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => [(0, text.Length)];
}
