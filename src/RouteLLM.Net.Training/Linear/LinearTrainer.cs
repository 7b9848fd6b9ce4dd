using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Trains a <see cref="LinearModel"/>: on labelled prompts of one pair, or on the scores of a pool of models.</summary>
/// <remarks>
/// <para>
/// It is ridge or logistic regression on sparse features of the prompt; with <see cref="LinearFeatures.TfIdf"/> and <see cref="LinearMethod.Logistic"/>, the TF-IDF logistic regression that routers are commonly compared with.
/// The penalty is chosen by cross-validation, in which the rows of a group are held out together. On the same held-out rows the win probabilities are calibrated (Platt, 1999), and their quantiles are kept,
/// so that a strong share holds on prompts the model has not seen. The features' document frequencies are those of all rows.
/// </para>
/// <para>A few hundred rows train in seconds. The same rows, options and seed give the same bytes, with any number of threads.</para>
/// </remarks>
public static class LinearTrainer
{
    /// <summary>Trains a model for the default pair of the options.</summary>
    /// <param name="rows">The labelled prompts: of as many groups as there are folds at least, with labels that are not all the same. Labels may be soft.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Is told of every fit that is done, from any thread.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact, held-out probabilities, and what the penalties were worth.</returns>
    /// <exception cref="ArgumentException">There are too few rows or groups, a label is not in [0, 1], a weight not above 0, all labels are the same, or an option is not valid.</exception>
    public static TrainedLinear Train(
        IReadOnlyList<LabeledPrompt> rows, LinearTrainingOptions options, IProgress<LinearTrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        LinearProblem problem = LinearProblem.Create(rows, options);
        LinearCrossValidation validation = LinearCrossValidation.Run(problem, options, progress, cancellationToken);
        (double Probability, double Weight)[] targets = [.. rows.Select(static row => (row.Label, row.Weight))];
        LogisticCalibration[] calibrations = [.. validation.Outputs.Select(outputs => HeldOutCalibration.Fit(outputs[0], targets))];
        double[] losses = [.. validation.Outputs.Select((outputs, p) => LogLoss(outputs[0], calibrations[p], targets))];
        int best = IndexOfSmallest(losses);
        LogisticCalibration calibration = calibrations[best];
        double[] heldOut = [.. validation.Outputs[best][0].Select(calibration.Apply)];
        double[] parameters = [.. validation.FitAll(validation.Penalties[best])[0].Select(value => value * calibration.Slope)];
        parameters[^1] += calibration.Intercept;
        return Finish(problem, options, validation, losses, best, LinearLink.WinProbability, [parameters], [], heldOut);
    }

    /// <summary>Trains a model for a pool of models: the quality of each, and any pair of them.</summary>
    /// <param name="rows">Rows with the scores of two models or more; not every row needs a score of every model. All of them are used, whatever their split.</param>
    /// <param name="options">How to train. The default pair is of the models scored.</param>
    /// <param name="group">Names the group of a row, such as its source; rows of a group are held out together. The prompt by default, so that repetitions of a prompt never help to predict one another.</param>
    /// <param name="progress">Is told of every fit that is done, from any thread.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact, held-out probabilities, and what the penalties were worth.</returns>
    /// <exception cref="ArgumentException">
    /// There are too few rows or groups, a score is not in [0, 1], a model of the default pair is not among those scored, no rows show it winning and not winning, or an option is not valid.
    /// </exception>
    public static TrainedLinear TrainPool(
        IReadOnlyList<EvaluationRow> rows,
        LinearTrainingOptions options,
        Func<EvaluationRow, string>? group = null,
        IProgress<LinearTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        LinearProblem problem = LinearProblem.Create(rows, group, options);
        LinearCrossValidation validation = LinearCrossValidation.Run(problem, options, progress, cancellationToken);
        LinearLink link = options.Method == LinearMethod.Ridge ? LinearLink.Quality : LinearLink.QualityLogit;
        double[] losses = [.. validation.Outputs.Select(outputs => SquaredError(problem, outputs, link))];
        int best = IndexOfSmallest(losses);
        double[][] outputs = validation.Outputs[best];
        int models = problem.Models.Length;
        var calibrations = new LogisticCalibration[models, models];
        for (int a = 0; a < models; a++)
        {
            for (int b = 0; b < models; b++)
            {
                calibrations[a, b] = a == b ? new(1, 0) : Calibrate(problem, outputs, a, b, options.WinMargin);
            }
        }

        int strong = Array.IndexOf(problem.Models, options.StrongModel);
        int weak = Array.IndexOf(problem.Models, options.WeakModel);
        var heldOut = new double[rows.Count];
        Array.Fill(heldOut, double.NaN);
        foreach (int row in problem.RowsOfPair(strong, weak))
        {
            heldOut[row] = calibrations[strong, weak].Apply(outputs[strong][row] - outputs[weak][row]);
        }

        float[] flat = [.. calibrations.Cast<LogisticCalibration>().SelectMany(static c => new[] { (float)c.Slope, (float)c.Intercept })];
        return Finish(problem, options, validation, losses, best, link, validation.FitAll(validation.Penalties[best]), flat, heldOut);
    }

    private static LogisticCalibration Calibrate(LinearProblem problem, double[][] outputs, int strong, int weak, double margin)
    {
        int[] rows = [.. problem.RowsOfPair(strong, weak)];
        return HeldOutCalibration.Fit(
            [.. rows.Select(row => outputs[strong][row] - outputs[weak][row])],
            [.. rows.Select(row => (problem.Win(strong, weak, row, margin), problem.Weights[row]))]);
    }

    private static double LogLoss(double[] logits, LogisticCalibration calibration, (double Probability, double Weight)[] targets)
    {
        double loss = 0, weight = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            loss += targets[i].Weight * LogisticObjective.CrossEntropy(targets[i].Probability, (calibration.Slope * logits[i]) + calibration.Intercept);
            weight += targets[i].Weight;
        }

        return loss / weight;
    }

    private static double SquaredError(LinearProblem problem, double[][] outputs, LinearLink link)
    {
        double loss = 0, weight = 0;
        for (int output = 0; output < outputs.Length; output++)
        {
            double[] weights = problem.TrainingWeights(output, heldOut: -1);
            for (int row = 0; row < weights.Length; row++)
            {
                if (weights[row] > 0)
                {
                    double z = outputs[output][row];
                    double error = (link == LinearLink.Quality ? Math.Clamp(z, 0, 1) : 1 / (1 + Math.Exp(-z))) - problem.Targets(output)[row];
                    loss += weights[row] * error * error;
                    weight += weights[row];
                }
            }
        }

        return loss / weight;
    }

    // The strongest penalty among equals: it has the smallest weights.
    private static int IndexOfSmallest(double[] losses) => Array.LastIndexOf(losses, losses.Min());

    private static TrainedLinear Finish(
        LinearProblem problem, LinearTrainingOptions options, LinearCrossValidation validation, double[] losses, int best, LinearLink link, double[][] parameters, float[] calibrations, double[] heldOut)
    {
        float[] weights = [.. parameters.SelectMany(static output => output[..^1]).Select(static value => (float)value)];
        float[] biases = [.. parameters.Select(static output => (float)output[^1])];
        if (Array.Exists(weights, static value => !Half.IsFinite((Half)value)) || Array.Exists(biases, static value => !float.IsFinite(value)))
        {
            throw new InvalidOperationException("The fit diverged: a weight is too large for a 16-bit number, or not finite. Give the rows weights around 1, and penalties in proportion.");
        }

        var metadata = new Dictionary<string, string>(options.Metadata)
        {
            ["training.method"] = options.Method == LinearMethod.Ridge ? "ridge" : "logistic",
            ["training.penalty"] = validation.Penalties[best].ToString(CultureInfo.InvariantCulture),
            ["training.seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["training.rows"] = problem.Features.Rows.ToString(CultureInfo.InvariantCulture),
        };
        var artifact = new LinearArtifact
        {
            Name = options.Name,
            Models = problem.Models,
            DefaultPair = [options.StrongModel, options.WeakModel],
            Features = options.Features,
            Link = link,
            Buckets = problem.Features.Buckets,
            FeatureWeights = problem.Features.Weights,
            UnseenWeights = problem.Features.UnseenWeights,
            Weights = weights,
            Biases = biases,
            Calibrations = calibrations,
            Quantiles = ScoreQuantiles.FromScores(heldOut),
            Metadata = metadata,
        };
        byte[] bytes = artifact.Write().ToArray();
        return new TrainedLinear(
            LinearModel.Load(SafetensorsFile.Parse(bytes)), bytes, heldOut, validation.Penalties[best], [.. losses.Select((loss, p) => new PenaltyLoss(validation.Penalties[p], loss))]);
    }
}
