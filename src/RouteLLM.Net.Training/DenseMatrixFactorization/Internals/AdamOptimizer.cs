using System.Numerics;

namespace RouteLLM.Training;

/// <summary>Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2015), algorithm 1, with an L2 penalty in the gradient as PyTorch's Adam has it.</summary>
internal sealed class AdamOptimizer(float[] parameters, double learningRate)
{
    private const double Decay1 = 0.9, Decay2 = 0.999, Epsilon = 1e-8;

    private readonly float[] _means = new float[parameters.Length];
    private readonly float[] _squares = new float[parameters.Length];

    /// <summary>Moves some parameters against their gradient. Ranges that do not overlap may be moved at once.</summary>
    /// <param name="step">The number of the step, from 1.</param>
    /// <param name="start">The first parameter.</param>
    /// <param name="gradient">The gradient by the parameters from <paramref name="start"/> on, as many as are to be moved.</param>
    /// <param name="weightDecay">The L2 penalty.</param>
    public void Step(int step, int start, ReadOnlySpan<float> gradient, double weightDecay)
    {
        // The corrections for the moments' start at zero are folded into the step size and epsilon (section 2, last paragraph).
        double correction = Math.Sqrt(1 - Math.Pow(Decay2, step));
        float rate = (float)(learningRate * correction / (1 - Math.Pow(Decay1, step)));
        float epsilon = (float)(Epsilon * correction), penalty = (float)weightDecay;
        const float Keep1 = (float)Decay1, Take1 = (float)(1 - Decay1), Keep2 = (float)Decay2, Take2 = (float)(1 - Decay2);
        Span<float> values = parameters.AsSpan(start, gradient.Length), means = _means.AsSpan(start, gradient.Length), squares = _squares.AsSpan(start, gradient.Length);
        int i = 0;
        for (; i + Vector<float>.Count <= gradient.Length; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            Vector<float> slope = new Vector<float>(gradient[i..]) + (value * penalty);
            Vector<float> mean = (new Vector<float>(means[i..]) * Keep1) + (slope * Take1);
            Vector<float> square = (new Vector<float>(squares[i..]) * Keep2) + (slope * slope * Take2);
            mean.CopyTo(means[i..]);
            square.CopyTo(squares[i..]);
            (value - (mean * rate / (Vector.SquareRoot(square) + new Vector<float>(epsilon)))).CopyTo(values[i..]);
        }

        for (; i < gradient.Length; i++)
        {
            float slope = gradient[i] + (values[i] * penalty);
            means[i] = (means[i] * Keep1) + (slope * Take1);
            squares[i] = (squares[i] * Keep2) + (slope * slope * Take2);
            values[i] -= means[i] * rate / (MathF.Sqrt(squares[i]) + epsilon);
        }
    }
}
