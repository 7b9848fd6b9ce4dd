using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Training;

/// <summary>The prompts, features, models and folds of one training.</summary>
internal sealed class MatrixFactorizationProblem
{
    private readonly IReadOnlyList<TrainingPrompt> _prompts;
    private readonly HashedMatrixFactorizationTrainingOptions _options;
    private readonly string[] _models;
    private readonly Outcome[][] _outcomes;
    private readonly int[] _folds;
    private readonly FeatureMatrix _features;
    private readonly float[] _itemPrior;

    public MatrixFactorizationProblem(IReadOnlyList<TrainingPrompt> prompts, HashedMatrixFactorizationTrainingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Dimensions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Dimensions, HashedMatrixFactorizationModel.MaxDimensions);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Folds, 2);
        _prompts = prompts;
        _options = options;
        _models = [.. new[] { options.StrongModel, options.WeakModel }.Concat(prompts.SelectMany(static p => p.Outcomes).SelectMany(static o => new[] { o.First, o.Second })).Distinct()];
        if (options.StrongModel == options.WeakModel)
        {
            throw new ArgumentException($"The strong and the weak model are both {options.StrongModel}; a pair is two models.", nameof(options));
        }

        var indices = _models.Select(static (name, index) => (name, index)).ToDictionary(static m => m.name, static m => m.index);
        _outcomes = [.. prompts.Select(p => p.Outcomes.Select(o => Checked(o, p.Prompt, indices)).ToArray())];
        if (!prompts.Where(static (p, i) => p.IsTraffic).Any(p => p.Outcomes.Any(IsDefaultPair)))
        {
            throw new ArgumentException($"No prompt that stands for traffic has an outcome of {options.StrongModel} against {options.WeakModel}; calibration needs some.", nameof(prompts));
        }

        _folds = [.. prompts.Select(p => (int)(StableHash(p.Group ?? p.Prompt, options.Seed) % (uint)options.Folds))];
        _features = FeatureMatrix.Create([.. prompts.Select(static p => p.Prompt)], options.MinimumTexts, options.ShapeWeight);
        _itemPrior = CreateItemPrior();
    }

    internal int[] FoldsForTest => _folds;

    /// <summary>Fits the model on all prompts but those of one fold; on all if there is no such fold.</summary>
    public float[] Fit(int heldOutFold, CancellationToken cancellationToken)
    {
        int[] rows = [.. Enumerable.Range(0, _prompts.Count).Where(i => _folds[i] != heldOutFold)];
        MatrixFactorizationObjective objective = CreateObjective(rows);
        float[] parameters = objective.CreateStart();
        LimitedMemoryBfgs.Minimize(objective.Evaluate, parameters, _options.MaxIterations, _options.Tolerance, cancellationToken);
        return parameters;
    }

    /// <summary>Scores the traffic with the models that have not seen it.</summary>
    public (double[] Logits, double[] Targets, double[] Weights, int[] Rows) HeldOutLogits(float[][] fits)
    {
        int[] rows = [.. Enumerable.Range(0, _prompts.Count).Where(i => _prompts[i].IsTraffic && _prompts[i].Outcomes.Any(IsDefaultPair))];
        PairOutcome[] outcomes = [.. rows.Select(i => _prompts[i].Outcomes.First(IsDefaultPair))];
        return ([.. rows.Select(i => Logit(fits[_folds[i]], i))], [.. outcomes.Select(static o => o.FirstWins)], [.. outcomes.Select(static o => o.Weight)], rows);
    }

    /// <summary>Writes fitted parameters as an artifact, with the calibration worked into item vectors, biases and margin.</summary>
    public SafetensorsWriter CreateArtifact(float[] parameters, LogisticCalibration calibration, ScoreQuantiles quantiles)
    {
        int dimensions = _options.Dimensions;
        MatrixFactorizationObjective objective = CreateObjective([]);
        var projection = new Half[HashedTextFeatures.BucketCount * dimensions];
        for (int column = 0; column < _features.Buckets.Length; column++)
        {
            for (int k = 0; k < dimensions; k++)
            {
                projection[(_features.Buckets[column] * dimensions) + k] = (Half)parameters[(column * dimensions) + k];
            }
        }

        float[] items = [.. parameters.AsSpan(objective.ItemsStart, _models.Length * dimensions)];
        float[] biases = [.. parameters.AsSpan(objective.BiasStart, _models.Length)];
        double margin = Math.Exp(parameters[objective.LogMarginIndex]);
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = (float)(items[i] * calibration.Slope);
        }

        for (int i = 0; i < biases.Length; i++)
        {
            biases[i] = (float)(biases[i] * calibration.Slope);
        }

        biases[0] += (float)calibration.Intercept;
        var writer = new SafetensorsWriter();
        writer.Add(HashedMatrixFactorizationModel.ProjectionTensor, [HashedTextFeatures.BucketCount, dimensions], projection);
        writer.Add(HashedMatrixFactorizationModel.FeatureWeightTensor, [HashedTextFeatures.BucketCount], [.. _features.BucketWeights.Select(static w => (Half)w)]);
        writer.Add(HashedMatrixFactorizationModel.ItemTensor, [_models.Length, dimensions], items);
        writer.Add(HashedMatrixFactorizationModel.BiasTensor, [_models.Length], biases);
        writer.Add(HashedMatrixFactorizationModel.QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static q => (float)q)]);
        writer.Metadata["kind"] = HashedMatrixFactorizationModel.Kind;
        writer.Metadata["version"] = HashedMatrixFactorizationModel.Version;
        writer.Metadata["name"] = _options.Name;
        writer.Metadata["features"] = HashedTextFeatures.Fingerprint;
        writer.Metadata["models"] = JsonSerializer.Serialize(_models, StringListContext.Default.StringArray);
        writer.Metadata["default_pair"] = JsonSerializer.Serialize([_options.StrongModel, _options.WeakModel], StringListContext.Default.StringArray);
        writer.Metadata["tie_margin"] = (margin * calibration.Slope).ToString("R", CultureInfo.InvariantCulture);
        return writer;
    }

    private static Outcome Checked(PairOutcome outcome, string prompt, Dictionary<string, int> indices)
    {
        double second = outcome.SecondWins ?? 0;
        bool valid = outcome.FirstWins is >= 0 and <= 1 && second >= 0 && outcome.FirstWins + second <= 1 + 1e-9 && outcome.Weight >= 0 && double.IsFinite(outcome.Weight);
        return valid
            ? new Outcome(indices[outcome.First], indices[outcome.Second], outcome.FirstWins, outcome.SecondWins ?? double.NaN, outcome.Weight)
            : throw new ArgumentException($"{outcome} of the prompt \"{prompt[..Math.Min(prompt.Length, 60)]}\" is not valid: probabilities lie in [0, 1], their sum too, and a weight is at least 0.");
    }

    private static uint StableHash(string text, int seed)
    {
        uint hash = 2166136261 ^ (uint)seed;
        foreach (char c in text)
        {
            hash = (hash ^ c) * 16777619;
        }

        hash ^= hash >> 15;
        hash *= 0x2C1B3C6D;
        return hash ^ (hash >> 13);
    }

    private bool IsDefaultPair(PairOutcome outcome) => outcome.First == _options.StrongModel && outcome.Second == _options.WeakModel;

    private MatrixFactorizationObjective CreateObjective(IReadOnlyList<int> rows) =>
        new(_features, rows, _outcomes, _models.Length, _options.Dimensions, _itemPrior, new(_options.ProjectionPenalty, _options.ItemPenalty, _options.BiasPenalty));

    internal double Logit(float[] parameters, int row)
    {
        int dimensions = _options.Dimensions;
        MatrixFactorizationObjective objective = CreateObjective([]);
        Span<double> z = stackalloc double[dimensions];
        objective.Project(parameters, _features.Columns(row), _features.Values(row), z);
        double logit = parameters[objective.BiasStart] - parameters[objective.BiasStart + 1] - Math.Exp(parameters[objective.LogMarginIndex]);
        for (int k = 0; k < dimensions; k++)
        {
            logit += (parameters[objective.ItemsStart + k] - parameters[objective.ItemsStart + dimensions + k]) * z[k];
        }

        return logit;
    }

    /// <summary>
    /// Starts item vectors so that the first dimension is a model's standing among those it was compared with, from -1/2 to 1/2; the default pair has its ends.
    /// The other dimensions are small and random, so that they can grow apart.
    /// </summary>
    private float[] CreateItemPrior()
    {
        int dimensions = _options.Dimensions;
        var wins = new double[_models.Length];
        var comparisons = new double[_models.Length];
        foreach (Outcome outcome in _outcomes.SelectMany(static o => o).Where(static o => !double.IsNaN(o.SecondWins)))
        {
            double difference = outcome.Weight * (outcome.FirstWins - outcome.SecondWins);
            wins[outcome.First] += difference;
            wins[outcome.Second] -= difference;
            comparisons[outcome.First] += outcome.Weight;
            comparisons[outcome.Second] += outcome.Weight;
        }

        var random = new Random(_options.Seed);
        var prior = new float[_models.Length * dimensions];
        for (int model = 0; model < _models.Length; model++)
        {
            double standing = comparisons[model] > 0 ? wins[model] / comparisons[model] : 0;
            prior[model * dimensions] = model switch { 0 => 0.5f, 1 => -0.5f, _ => (float)Math.Clamp(standing * 2, -0.5, 0.5) };
            for (int k = 1; k < dimensions; k++)
            {
                double part = random.NextDouble() - 0.5;
                prior[(model * dimensions) + k] = model < 2 ? 0 : (float)part;
            }
        }

        return prior;
    }
}
