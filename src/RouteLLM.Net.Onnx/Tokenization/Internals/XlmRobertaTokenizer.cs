using Microsoft.ML.Tokenizers;

namespace RouteLLM.Onnx;

/// <summary>SentencePiece's unigram model with the ids of XLM-RoBERTa: <c>&lt;s&gt;</c> 0, <c>&lt;pad&gt;</c> 1, <c>&lt;/s&gt;</c> 2, <c>&lt;unk&gt;</c> 3, and for the rest one more than the model's own.</summary>
/// <remarks>Microsoft.ML.Tokenizers finds the pieces; text is normalized here (see <see cref="SentencePieceText"/>), and unknown pieces in a row are made one here, as SentencePiece does and it does not.</remarks>
internal sealed class XlmRobertaTokenizer : PromptTokenizer
{
    public const int BeginId = 0, PadTokenId = 1, EndId = 2, UnknownId = 3, Offset = 1;

    private readonly SentencePieceTokenizer _pieces;
    private readonly SentencePieceText _text;

    public XlmRobertaTokenizer(TokenizerParts parts, SentencePieceTokenizer pieces, int pieceCount, SentencePieceText text)
        : base(parts, pieceCount - 1 + Offset)
    {
        _pieces = pieces;
        _text = text;
    }

    private protected override void EncodePart(ReadOnlySpan<char> text, int enough, List<int> ids)
    {
        string normalized = _text.Normalize(text);
        if (normalized.Length == 0)
        {
            return;
        }

        bool afterUnknown = false;
        foreach (int piece in _pieces.EncodeToIds(normalized, addBeginningOfSentence: false, addEndOfSentence: false, considerPreTokenization: false, considerNormalization: false))
        {
            bool isUnknown = piece == _pieces.UnknownId;
            if (!(isUnknown && afterUnknown))
            {
                ids.Add(isUnknown ? UnknownId : piece + Offset);
            }

            afterUnknown = isUnknown;
        }
    }
}
