namespace RouteLLM.Training;

/// <summary>
/// The negative log posterior of a matrix factorisation over hashed features: Rao and Kupper's (1967) likelihood of wins and ties, and Gaussian priors.
/// </summary>
/// <remarks>
/// <para>
/// With z = W^T x the text's vector, delta_m = v_m . z + b_m, and d = delta_a - delta_b, model a is clearly better with probability s(d - eta), model b with s(-d - eta), where s is the
/// logistic function; the probability of a tie is the rest, (e^(2 eta) - 1) s(d - eta) s(-d - eta).
/// </para>
/// <para>Parameters are one vector: W [columns, dimensions], v [models, dimensions], b [models], and log eta.</para>
/// </remarks>
internal sealed class MatrixFactorizationObjective(
    FeatureMatrix features, IReadOnlyList<int> rows, Outcome[][] outcomes, int models, int dimensions, float[] itemPrior, MatrixFactorizationPenalties penalties)
{
    private const double LargestLogMargin = 3;

    // The vectors of the first two models stay where they start: they set the scale, without which a long vector would be a way round the penalty on W.
    private const int FixedModels = 2;

    private readonly int _shapeEnd = features.Buckets.AsSpan().IndexOfAnyExceptInRange(0, HashedTextFeatures.ShapeBuckets - 1) is var end and >= 0 ? end * dimensions : features.Buckets.Length * dimensions;

    public int ItemsStart => features.Buckets.Length * dimensions;

    public int BiasStart => ItemsStart + (models * dimensions);

    public int LogMarginIndex => BiasStart + models;

    public int ParameterCount => LogMarginIndex + 1;

    /// <summary>Makes the parameters that the optimisation starts from: the means of the priors.</summary>
    public float[] CreateStart()
    {
        var start = new float[ParameterCount];
        itemPrior.CopyTo(start, ItemsStart);
        start[LogMarginIndex] = (float)Math.Log(2);
        return start;
    }

    /// <summary>Computes the objective and its gradient.</summary>
    public double Evaluate(float[] parameters, float[] gradient)
    {
        Array.Clear(gradient);
        ReadOnlySpan<float> items = parameters.AsSpan(ItemsStart, models * dimensions);
        ReadOnlySpan<float> bias = parameters.AsSpan(BiasStart, models);
        double margin = Math.Exp(Math.Min(parameters[LogMarginIndex], LargestLogMargin));
        var itemGradient = new double[models * dimensions];
        var biasGradient = new double[models];
        Span<double> z = stackalloc double[dimensions];
        Span<double> zGradient = stackalloc double[dimensions];
        double value = 0;
        double marginGradient = 0;
        foreach (int row in rows)
        {
            ReadOnlySpan<int> columns = features.Columns(row);
            ReadOnlySpan<float> values = features.Values(row);
            Project(parameters, columns, values, z);
            zGradient.Clear();
            foreach (Outcome outcome in outcomes[row])
            {
                ReadOnlySpan<float> first = items.Slice(outcome.First * dimensions, dimensions);
                ReadOnlySpan<float> second = items.Slice(outcome.Second * dimensions, dimensions);
                double d = bias[outcome.First] - bias[outcome.Second];
                for (int k = 0; k < dimensions; k++)
                {
                    d += (first[k] - second[k]) * z[k];
                }

                (double loss, double dGradient, double etaGradient) = Loss(outcome, d, margin);
                value += loss;
                marginGradient += etaGradient;
                biasGradient[outcome.First] += dGradient;
                biasGradient[outcome.Second] -= dGradient;
                for (int k = 0; k < dimensions; k++)
                {
                    zGradient[k] += dGradient * (first[k] - second[k]);
                    itemGradient[(outcome.First * dimensions) + k] += dGradient * z[k];
                    itemGradient[(outcome.Second * dimensions) + k] -= dGradient * z[k];
                }
            }

            Spread(gradient, columns, values, zGradient);
        }

        for (int i = 0; i < itemGradient.Length; i++)
        {
            gradient[ItemsStart + i] = i < FixedModels * dimensions ? 0 : (float)itemGradient[i];
        }

        for (int i = 0; i < biasGradient.Length; i++)
        {
            gradient[BiasStart + i] = (float)biasGradient[i];
        }

        gradient[LogMarginIndex] = parameters[LogMarginIndex] < LargestLogMargin ? (float)(marginGradient * margin) : 0;
        return value + AddPenalties(parameters, gradient);
    }

    /// <summary>Computes z = W^T x.</summary>
    public void Project(ReadOnlySpan<float> parameters, ReadOnlySpan<int> columns, ReadOnlySpan<float> values, Span<double> z)
    {
        for (int k = 0; k < dimensions; k++)
        {
            double sum = 0;
            for (int j = 0; j < columns.Length; j++)
            {
                sum += parameters[(columns[j] * dimensions) + k] * values[j];
            }

            z[k] = sum;
        }
    }

    /// <summary>Adds x g^T to the gradient of W.</summary>
    private void Spread(Span<float> gradient, ReadOnlySpan<int> columns, ReadOnlySpan<float> values, ReadOnlySpan<double> zGradient)
    {
        for (int k = 0; k < dimensions; k++)
        {
            float g = (float)zGradient[k];
            for (int j = 0; j < columns.Length; j++)
            {
                gradient[(columns[j] * dimensions) + k] += values[j] * g;
            }
        }
    }

    private static (double Loss, double DGradient, double EtaGradient) Loss(Outcome outcome, double d, double margin)
    {
        double win = Logistic(d - margin);
        if (double.IsNaN(outcome.SecondWins))
        {
            double p = outcome.FirstWins;
            return (outcome.Weight * ((p * Softplus(margin - d)) + ((1 - p) * Softplus(d - margin))),
                outcome.Weight * (win - p),
                outcome.Weight * (p - win));
        }

        // A tie is (e^(2 eta) - 1) s(d - eta) s(-d - eta): each side has a share in it.
        double loss = Logistic(-d - margin);
        double winOrTie = 1 - outcome.SecondWins;
        double lossOrTie = 1 - outcome.FirstWins;
        double tie = winOrTie - outcome.FirstWins;
        double surplus = Math.Exp(2 * margin) - 1;
        return (outcome.Weight * ((winOrTie * Softplus(margin - d)) + (lossOrTie * Softplus(margin + d)) - (tie * Math.Log(surplus))),
            outcome.Weight * ((lossOrTie * (1 - loss)) - (winOrTie * (1 - win))),
            outcome.Weight * ((winOrTie * (1 - win)) + (lossOrTie * (1 - loss)) - (tie * 2 * (surplus + 1) / surplus)));
    }

    private static double Logistic(double x) => 1 / (1 + Math.Exp(-x));

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private double AddPenalties(float[] parameters, float[] gradient)
    {
        double value = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            double penalty = i < _shapeEnd ? penalties.Shape : i < ItemsStart ? penalties.Projection : i < ItemsStart + (FixedModels * dimensions) ? 0 : i < BiasStart ? penalties.Items : i < LogMarginIndex ? penalties.Bias : 0;
            double distance = parameters[i] - (i >= ItemsStart && i < BiasStart ? itemPrior[i - ItemsStart] : 0);
            value += penalty / 2 * distance * distance;
            gradient[i] += (float)(penalty * distance);
        }

        return value;
    }
}
