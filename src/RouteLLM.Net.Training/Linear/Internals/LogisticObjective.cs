namespace RouteLLM.Training;

/// <summary>The cross-entropy between labels, which may be soft, and the probabilities of a linear function, with an L2 penalty.</summary>
internal sealed class LogisticObjective(LinearFeatureMatrix features, double[] targets, double[] rowWeights, double penalty)
{
    private readonly double[] _point = new double[features.Buckets.Length + 1];
    private readonly double[] _gradient = new double[features.Buckets.Length + 1];

    /// <summary>Computes the objective and its gradient.</summary>
    /// <param name="point">The weight of each column, then the bias.</param>
    /// <param name="gradient">Receives the gradient.</param>
    public double Evaluate(float[] point, float[] gradient)
    {
        int bias = point.Length - 1;
        double value = 0;
        for (int i = 0; i < point.Length; i++)
        {
            double strength = i == bias ? LinearFit.BiasPenalty : penalty;
            _point[i] = point[i];
            _gradient[i] = strength * point[i];
            value += strength * point[i] * point[i] / 2;
        }

        for (int row = 0; row < targets.Length; row++)
        {
            if (rowWeights[row] > 0)
            {
                double logit = features.Dot(row, _point) + _point[bias];
                value += rowWeights[row] * CrossEntropy(targets[row], logit);
                double error = rowWeights[row] * ((1 / (1 + Math.Exp(-logit))) - targets[row]);
                features.Add(row, error, _gradient);
                _gradient[bias] += error;
            }
        }

        for (int i = 0; i < gradient.Length; i++)
        {
            gradient[i] = (float)_gradient[i];
        }

        return value;
    }

    /// <summary>Gives the cross-entropy between a label and the probability of a logit, in nats.</summary>
    public static double CrossEntropy(double label, double logit) => Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - (label * logit);
}
