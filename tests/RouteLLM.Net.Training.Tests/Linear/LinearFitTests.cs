namespace RouteLLM.Training.Tests.Linear;

public class LinearFitTests
{
    private static readonly string[] s_texts = ["prove it now", "hello there", "prove the lemma", "hello lemma", "now then", "it is there now", "the lemma is now here", "hello hello"];
    private static readonly double[] s_targets = [1, 0, 0.9, 0.3, 0.2, 0.5, 0.8, 0.1];
    private static readonly double[] s_weights = [1, 2, 0.5, 1, 0, 1, 3, 1];

    private static readonly LinearTrainingOptions s_options = new() { StrongModel = "a", WeakModel = "b", MinimumTexts = 1, Tolerance = 1e-12, MaxIterations = 2000 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Ridge_is_the_solution_of_the_dense_normal_equations()
    {
        LinearFeatureMatrix features = LinearFeatureMatrix.Create(s_texts, s_options);
        int size = features.Buckets.Length + 1;
        var matrix = new double[size, size];
        var right = new double[size];
        for (int i = 0; i < size; i++)
        {
            matrix[i, i] = i == size - 1 ? LinearFit.BiasPenalty : 0.4;
        }

        for (int row = 0; row < s_texts.Length; row++)
        {
            double[] x = Dense(features, row);
            for (int i = 0; i < size; i++)
            {
                right[i] += s_weights[row] * s_targets[row] * x[i];
                for (int j = 0; j < size; j++)
                {
                    matrix[i, j] += s_weights[row] * x[i] * x[j];
                }
            }
        }

        var fitted = new double[size];
        LinearFit.Ridge(features, s_targets, s_weights, 0.4, fitted, s_options, Cancel);
        double[] expected = Solve(matrix, right);
        Assert.Equal(expected, fitted, static (a, b) => Math.Abs(a - b) < 1e-8);
    }

    [Fact]
    public void The_gradient_of_the_logistic_objective_is_that_of_finite_differences()
    {
        LinearFeatureMatrix features = LinearFeatureMatrix.Create(s_texts, s_options);
        var objective = new LogisticObjective(features, s_targets, s_weights, 0.4);
        var random = new Random(1);
        float[] point = [.. Enumerable.Range(0, features.Buckets.Length + 1).Select(_ => (float)random.NextDouble() - 0.5f)];
        var gradient = new float[point.Length];
        var ignored = new float[point.Length];
        objective.Evaluate(point, gradient);
        for (int i = 0; i < point.Length; i++)
        {
            float at = point[i];
            point[i] = at + 0.01f;
            double above = objective.Evaluate(point, ignored), high = point[i];
            point[i] = at - 0.01f;
            double below = objective.Evaluate(point, ignored), low = point[i];
            point[i] = at;
            Assert.Equal((above - below) / (high - low), gradient[i], 1e-3);
        }
    }

    [Fact]
    public void Logistic_regression_ends_where_the_gradient_is_nothing()
    {
        LinearFeatureMatrix features = LinearFeatureMatrix.Create(s_texts, s_options);
        var parameters = new double[features.Buckets.Length + 1];
        LinearFit.Logistic(features, s_targets, s_weights, 0.4, parameters, s_options, Cancel);
        var gradient = new float[parameters.Length];
        new LogisticObjective(features, s_targets, s_weights, 0.4).Evaluate([.. parameters.Select(static value => (float)value)], gradient);
        Assert.All(gradient, static g => Assert.InRange(g, -1e-3f, 1e-3f));
        Assert.Contains(parameters, static value => Math.Abs(value) > 0.1);
    }

    [Theory]
    [InlineData(LinearFeatures.Binary)]
    [InlineData(LinearFeatures.TfIdf)]
    public void Rows_have_unit_length_as_far_as_their_features_are_columns(LinearFeatures kind)
    {
        LinearFeatureMatrix all = LinearFeatureMatrix.Create(s_texts, new() { StrongModel = "a", WeakModel = "b", MinimumTexts = 1, Features = kind });
        LinearFeatureMatrix frequent = LinearFeatureMatrix.Create(s_texts, new() { StrongModel = "a", WeakModel = "b", MinimumTexts = 2, Features = kind });
        Assert.True(frequent.Buckets.Length < all.Buckets.Length);
        for (int row = 0; row < all.Rows; row++)
        {
            Assert.Equal(1, Norm(all, row), 1e-5);

            // Rare features count towards the norm of binary vectors, as those unknown to the model will; TF-IDF knows nothing of them.
            Assert.InRange(Norm(frequent, row), 0, kind == LinearFeatures.TfIdf ? 1 + 1e-5 : 1 - 1e-5);
        }

        static double Norm(LinearFeatureMatrix features, int row) => Math.Sqrt(features.Values(row).ToArray().Sum(static value => (double)value * value));
    }

    [Fact]
    public void Calibration_has_a_positive_slope_and_the_base_rate_where_outputs_say_nothing()
    {
        (double, double)[] targets = [.. Enumerable.Range(0, 100).Select(static i => (i % 4 == 0 ? 1.0 : 0, 1.0))];
        double[] useful = [.. targets.Select(static (target, i) => 0.3 + (0.01 * target.Item1) + (0.0173 * (i % 7)))];
        double[] backwards = [.. useful.Select(static output => -output)];
        double[] constant = [.. useful.Select(static _ => 0.3)];
        foreach (double[] outputs in new[] { useful, backwards, constant })
        {
            LogisticCalibration calibration = HeldOutCalibration.Fit(outputs, targets);
            Assert.True(calibration.Slope > 0);
            Assert.Equal(0.25, outputs.Average(calibration.Apply), 0.01);
        }
    }

    private static double[] Dense(LinearFeatureMatrix features, int row)
    {
        var dense = new double[features.Buckets.Length + 1];
        features.Add(row, 1, dense);
        dense[^1] = 1;
        return dense;
    }

    // Gaussian elimination with partial pivoting.
    private static double[] Solve(double[,] matrix, double[] right)
    {
        int size = right.Length;
        for (int k = 0; k < size; k++)
        {
            int pivot = Enumerable.Range(k, size - k).MaxBy(i => Math.Abs(matrix[i, k]));
            (right[k], right[pivot]) = (right[pivot], right[k]);
            for (int j = 0; j < size; j++)
            {
                (matrix[k, j], matrix[pivot, j]) = (matrix[pivot, j], matrix[k, j]);
            }

            for (int i = k + 1; i < size; i++)
            {
                double factor = matrix[i, k] / matrix[k, k];
                right[i] -= factor * right[k];
                for (int j = k; j < size; j++)
                {
                    matrix[i, j] -= factor * matrix[k, j];
                }
            }
        }

        for (int k = size - 1; k >= 0; k--)
        {
            for (int j = k + 1; j < size; j++)
            {
                right[k] -= matrix[k, j] * right[j];
            }

            right[k] /= matrix[k, k];
        }

        return right;
    }
}
