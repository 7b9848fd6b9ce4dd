namespace RouteLLM.Training;

/// <summary>The precisions of the Gaussian priors: on the text projection, on the item vectors around their start, and on the biases.</summary>
internal readonly record struct MatrixFactorizationPenalties(double Projection, double Items, double Bias);
