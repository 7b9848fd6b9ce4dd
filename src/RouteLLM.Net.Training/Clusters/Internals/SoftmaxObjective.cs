using System.Numerics.Tensors;

namespace RouteLLM.Training;

/// <summary>
/// The negative log posterior of multinomial logistic regression with distributions as labels: sum over rows of the cross-entropy between label and softmax(W x + b), and a ridge on the distance of the weights from where they are drawn to.
/// </summary>
/// <remarks>Parameters are one vector: W <c>[classes, dimensions]</c>, then b <c>[classes]</c>. With a label of one class it is the usual maximum-entropy classifier.</remarks>
internal sealed class SoftmaxObjective(
    IReadOnlyList<ReadOnlyMemory<float>> features, IReadOnlyList<double[]> labels, IReadOnlyList<int> rows, float[] center, int classes, double penalty)
{
    // Softmax leaves a constant over all biases free; a trace of ridge holds it, and the bias of a class that no row has.
    private const double BiasPenalty = 0.1;

    private readonly int _dimensions = (center.Length / classes) - 1;

    /// <summary>Fits the parameters, starting where they are drawn to.</summary>
    public float[] Minimize(int maxIterations, double tolerance, CancellationToken cancellationToken)
    {
        var parameters = (float[])center.Clone();
        LimitedMemoryBfgs.Minimize(Evaluate, parameters, maxIterations, tolerance, cancellationToken);
        return parameters;
    }

    /// <summary>Computes the objective and its gradient.</summary>
    public double Evaluate(float[] parameters, float[] gradient)
    {
        int biasStart = classes * _dimensions;
        Array.Clear(gradient);
        var biasGradient = new double[classes];
        var probabilities = new double[classes];
        double value = 0;
        foreach (int row in rows)
        {
            ReadOnlySpan<float> x = features[row].Span;
            double[] label = labels[row];
            for (int m = 0; m < classes; m++)
            {
                probabilities[m] = TensorPrimitives.Dot(x, parameters.AsSpan(m * _dimensions, _dimensions)) + (double)parameters[biasStart + m];
            }

            double logTotal = LogSumExp(probabilities);
            for (int m = 0; m < classes; m++)
            {
                value += label[m] * (logTotal - probabilities[m]);
                double error = Math.Exp(probabilities[m] - logTotal) - label[m];
                biasGradient[m] += error;
                Span<float> slice = gradient.AsSpan(m * _dimensions, _dimensions);
                TensorPrimitives.MultiplyAdd(x, (float)error, slice, slice);
            }
        }

        for (int i = 0; i < parameters.Length; i++)
        {
            bool isBias = i >= biasStart;
            double distance = (double)parameters[i] - center[i], strength = isBias ? BiasPenalty : penalty;
            value += strength / 2 * distance * distance;
            gradient[i] = (float)((isBias ? biasGradient[i - biasStart] : gradient[i]) + (strength * distance));
        }

        return value;
    }

    private static double LogSumExp(ReadOnlySpan<double> logits)
    {
        double greatest = TensorPrimitives.Max(logits), sum = 0;
        foreach (double logit in logits)
        {
            sum += Math.Exp(logit - greatest);
        }

        return greatest + Math.Log(sum);
    }
}
