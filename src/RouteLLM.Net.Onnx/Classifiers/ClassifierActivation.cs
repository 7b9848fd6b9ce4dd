namespace RouteLLM.Onnx;

/// <summary>How a classifier's logits become probabilities of its labels.</summary>
public enum ClassifierActivation
{
    /// <summary>One label of several is right: exp(logit) over the sum of all.</summary>
    Softmax,

    /// <summary>Each label is right or wrong on its own, as with a single logit: 1 / (1 + exp(-logit)).</summary>
    Sigmoid,

    /// <summary>The model gives scores already, as one trained by regression does; they are held to [0, 1].</summary>
    None,
}
