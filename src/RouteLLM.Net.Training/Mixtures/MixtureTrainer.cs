namespace RouteLLM.Training;

/// <summary>Fits the weights and the bias of a <see cref="MixtureRouter"/> on labelled prompts.</summary>
/// <remarks>
/// Logistic regression on the parts' log-odds, with soft labels, by Newton's method (iteratively reweighted least squares). The penalty draws the weights towards an even mean of the parts, so that
/// few rows change little. Convex, so the result is the same every time.
/// </remarks>
public static class MixtureTrainer
{
    private const int Folds = 5;
    private const int MaxIterations = 100;

    /// <summary>Fits a mixture.</summary>
    /// <param name="routers">The routers to mix, at least one.</param>
    /// <param name="rows">The labelled prompts, at least ten, with labels that are not all the same.</param>
    /// <param name="penalty">How strongly weights are drawn towards an even mean, in rows: above 0. The default is 1.</param>
    /// <param name="cancellationToken">Cancels the scoring and the fit.</param>
    /// <returns>The mixture and its log losses.</returns>
    /// <exception cref="ArgumentException">There are no routers or too few rows, a label is not in [0, 1], a weight not above 0, or all labels are the same.</exception>
    public static async Task<TrainedMixture> FitAsync(IReadOnlyList<IRouter> routers, IReadOnlyList<LabeledPrompt> rows, double penalty = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        ArgumentNullException.ThrowIfNull(rows);
        if (routers.Count == 0)
        {
            throw new ArgumentException("There are no routers to mix.", nameof(routers));
        }

        if (penalty is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "A penalty is a finite number above 0.");
        }

        Check(rows);
        var requests = new RouteRequest[rows.Count];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = new RouteRequest(rows[i].Prompt);
        }

        // features[row][part]: log-odds; the last one is the constant for the bias.
        double[][] features = [.. rows.Select(_ => new double[routers.Count + 1])];
        for (int part = 0; part < routers.Count; part++)
        {
            IReadOnlyList<double> probabilities = await routers[part].PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < features.Length; i++)
            {
                features[i][part] = MixtureRouter.Logit(probabilities[i]);
                features[i][^1] = 1;
            }
        }

        double[] weights = Fit(features, rows, penalty, static _ => true, cancellationToken);
        double heldOut = 0;
        for (int fold = 0; fold < Folds; fold++)
        {
            double[] without = Fit(features, rows, penalty, i => i % Folds != fold, cancellationToken);
            heldOut += Enumerable.Range(0, rows.Count).Where(i => i % Folds == fold).Sum(i => Loss(without, features[i], rows[i]));
        }

        double total = rows.Sum(static row => row.Weight);
        var partLosses = new double[routers.Count];
        for (int part = 0; part < routers.Count; part++)
        {
            var alone = new double[routers.Count + 1];
            alone[part] = 1;
            partLosses[part] = Enumerable.Range(0, rows.Count).Sum(i => Loss(alone, features[i], rows[i])) / total;
        }

        var mixture = new MixtureRouter(routers.Select((router, part) => new MixturePart(router, weights[part])), weights[^1])
        {
            Quantiles = ScoreQuantiles.FromScores(features.Select(row => Sigmoid(Dot(weights, row)))),
        };
        return new TrainedMixture(mixture, Enumerable.Range(0, rows.Count).Sum(i => Loss(weights, features[i], rows[i])) / total, heldOut / total, partLosses);
    }

    private static void Check(IReadOnlyList<LabeledPrompt> rows)
    {
        if (rows.Count < 10)
        {
            throw new ArgumentException($"There are {rows.Count} labelled prompts; at least 10 are needed.", nameof(rows));
        }

        for (int i = 0; i < rows.Count; i++)
        {
            if (rows[i].Prompt is null || rows[i].Label is not (>= 0 and <= 1) || rows[i].Weight is not (> 0 and < double.PositiveInfinity))
            {
                throw new ArgumentException($"Row {i} has the label {rows[i].Label} and the weight {rows[i].Weight}; expected a prompt, a label in [0, 1] and a finite weight above 0.", nameof(rows));
            }
        }

        if (rows.All(row => row.Label == rows[0].Label))
        {
            throw new ArgumentException($"All labels are {rows[0].Label}, so nothing can be learned from them; label prompts of both kinds.", nameof(rows));
        }
    }

    private static double[] Fit(double[][] features, IReadOnlyList<LabeledPrompt> rows, double penalty, Func<int, bool> includes, CancellationToken cancellationToken)
    {
        int n = features[0].Length;
        int parts = n - 1;
        var prior = new double[n];
        prior.AsSpan(0, parts).Fill(1.0 / parts);
        double[] weights = [.. prior];
        double objective = Objective(weights);
        for (int iteration = 0; iteration < MaxIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var gradient = new double[n];
            var hessian = new double[n, n];
            for (int i = 0; i < rows.Count; i++)
            {
                if (!includes(i))
                {
                    continue;
                }

                double p = Sigmoid(Dot(weights, features[i]));
                for (int j = 0; j < n; j++)
                {
                    gradient[j] += rows[i].Weight * (p - rows[i].Label) * features[i][j];
                    for (int k = 0; k <= j; k++)
                    {
                        hessian[j, k] += rows[i].Weight * p * (1 - p) * features[i][j] * features[i][k];
                    }
                }
            }

            for (int j = 0; j < n; j++)
            {
                // The bias is free but for what keeps the system solvable.
                double strength = j < parts ? penalty : 1e-9;
                gradient[j] += strength * (weights[j] - prior[j]);
                hessian[j, j] += strength;
            }

            double[] step = Solve(hessian, gradient);
            double scale = 1;
            double[] candidate;
            double reached;
            do
            {
                candidate = [.. weights.Select((weight, j) => weight - (scale * step[j]))];
                reached = Objective(candidate);
                scale /= 2;
            }
            while (reached > objective && scale > 1e-8);

            if (objective - reached <= 1e-12 * Math.Abs(objective))
            {
                break;
            }

            weights = candidate;
            objective = reached;
        }

        return weights;

        double Objective(double[] at)
        {
            double sum = 0;
            for (int i = 0; i < rows.Count; i++)
            {
                sum += includes(i) ? Loss(at, features[i], rows[i]) : 0;
            }

            for (int j = 0; j < parts; j++)
            {
                sum += penalty / 2 * (at[j] - prior[j]) * (at[j] - prior[j]);
            }

            return sum;
        }
    }

    /// <summary>Solves a small symmetric positive definite system, of which the lower triangle is given, by Cholesky factorisation.</summary>
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int n = right.Length;
        double[] solution = [.. right];
        for (int j = 0; j < n; j++)
        {
            for (int i = j; i < n; i++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                {
                    sum -= matrix[i, k] * matrix[j, k];
                }

                matrix[i, j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-300)) : sum / matrix[j, j];
            }
        }

        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < i; k++)
            {
                solution[i] -= matrix[i, k] * solution[k];
            }

            solution[i] /= matrix[i, i];
        }

        for (int i = n - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < n; k++)
            {
                solution[i] -= matrix[k, i] * solution[k];
            }

            solution[i] /= matrix[i, i];
        }

        return solution;
    }

    private static double Loss(double[] weights, double[] features, LabeledPrompt row)
    {
        double logit = Dot(weights, features);

        // log(1 + e^x) without overflow.
        double softplus = Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));
        return row.Weight * (softplus - (row.Label * logit));
    }

    private static double Dot(double[] a, double[] b) => System.Numerics.Tensors.TensorPrimitives.Dot<double>(a, b);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
