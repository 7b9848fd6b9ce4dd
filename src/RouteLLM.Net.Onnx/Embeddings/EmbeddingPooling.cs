namespace RouteLLM.Onnx;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum EmbeddingPooling
{
    /// <summary>Their mean, special tokens included and padding not, as most sentence-transformers models.</summary>
    Mean,

    /// <summary>The first token's, <c>[CLS]</c>, as BGE and other models.</summary>
    Cls,

    /// <summary>The last token's, as models made of causal language models.</summary>
    LastToken,
}
