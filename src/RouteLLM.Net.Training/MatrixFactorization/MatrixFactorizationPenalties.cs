namespace RouteLLM.Training;

/// <summary>The precisions of the Gaussian priors: on the text projection, there apart on features of shape, on the item vectors around their start, and on the biases.</summary>
internal readonly record struct MatrixFactorizationPenalties(double Projection, double Shape, double Items, double Bias);
