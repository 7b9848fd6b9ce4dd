namespace RouteLLM.Training;

/// <summary>A fitted factorisation.</summary>
/// <param name="Dimensions">The number of dimensions.</param>
/// <param name="Projection">W, [columns, dimensions].</param>
/// <param name="Items">The models' vectors, [models, dimensions].</param>
/// <param name="Biases">The models' biases.</param>
/// <param name="Margin">The margin for ties.</param>
internal sealed record MatrixFactorizationFit(int Dimensions, float[] Projection, float[] Items, float[] Biases, double Margin)
{
    /// <summary>Gives delta of the first model minus delta of the second, minus the margin: the logit of a clear win.</summary>
    public double FirstPairLogit(ReadOnlySpan<int> columns, ReadOnlySpan<float> values)
    {
        double logit = Biases[0] - Biases[1] - Margin;
        for (int k = 0; k < Dimensions; k++)
        {
            double z = 0;
            for (int j = 0; j < columns.Length; j++)
            {
                z += Projection[(columns[j] * Dimensions) + k] * values[j];
            }

            logit += (Items[k] - Items[Dimensions + k]) * z;
        }

        return logit;
    }
}
