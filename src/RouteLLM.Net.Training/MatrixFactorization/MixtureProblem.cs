namespace RouteLLM.Training;

/// <summary>The prompts, features, models and folds of one training.</summary>
internal sealed class MixtureProblem
{
    private readonly IReadOnlyList<TrainingPrompt> _prompts;
    private readonly HashedMatrixFactorizationTrainingOptions _options;
    private readonly Outcome[][] _outcomes;
    private readonly int[] _folds;
    private readonly MatrixFactorizationProblem _traffic;
    private readonly MatrixFactorizationProblem _benchmark;
    private readonly MatrixFactorizationProblem _gate;

    public MixtureProblem(IReadOnlyList<TrainingPrompt> prompts, HashedMatrixFactorizationTrainingOptions options)
    {
        options.Validate();
        _prompts = prompts;
        _options = options;
        Models = [.. new[] { options.StrongModel, options.WeakModel }.Concat(prompts.SelectMany(static p => p.Outcomes).SelectMany(static o => new[] { o.First, o.Second })).Distinct()];
        var indices = Models.Select(static (name, index) => (name, index)).ToDictionary(static m => m.name, static m => m.index);
        _outcomes = [.. prompts.Select(p => p.Outcomes.Select(o => Checked(o, p.Prompt, indices)).ToArray())];
        Calibrating = [.. Enumerable.Range(0, prompts.Count).Where(i => prompts[i].IsTraffic is not null && _outcomes[i].Any(IsDefaultPair))];
        if (!Calibrating.Any(IsTraffic))
        {
            throw new ArgumentException($"No prompt that stands for traffic has an outcome of {options.StrongModel} against {options.WeakModel}; calibration needs some.", nameof(prompts));
        }

        _folds = [.. prompts.Select(p => (int)(StableHash(p.Group ?? p.Prompt, options.Seed) % (uint)options.Folds))];
        Features = FeatureMatrix.Create([.. prompts.Select(static p => p.Prompt)], options.MinimumTexts, options.ShapeWeight, options.SubwordWeight);
        Standing = CreateStanding();

        // Traffic and gate have two sides only, half a unit from the middle each.
        float[,] sides = { { 0.5f }, { -0.5f } };
        _traffic = Problem([.. prompts.Select((p, i) => p.IsTraffic == true ? _outcomes[i].Where(IsDefaultPair).ToArray() : [])], sides, options.TrafficPenalty, options.TrafficPenalty);
        _benchmark = Problem([.. prompts.Select((p, i) => p.IsTraffic == true ? [] : _outcomes[i])], CreateItemPrior(), options.BenchmarkPenalty, options.BenchmarkShapePenalty);
        _gate = Problem([.. prompts.Select(p => p.IsTraffic is { } traffic ? new[] { new Outcome(0, 1, traffic ? 1 : 0, double.NaN, traffic ? options.GateTrafficWeight : 1) } : [])], sides, options.GatePenalty, options.GatePenalty);
    }

    /// <summary>Gets the models' names; the default pair comes first, the strong model before the weak one.</summary>
    public string[] Models { get; }

    public FeatureMatrix Features { get; }

    /// <summary>Gets each model's standing among those it was compared with, from 1/2 (wins always) to -1/2; the default pair has the ends.</summary>
    public float[] Standing { get; }

    /// <summary>Gets the prompts that probabilities are calibrated on.</summary>
    public int[] Calibrating { get; }

    /// <summary>Gets the name of each prompt's fold.</summary>
    public IReadOnlyList<string> Folds => [.. _folds.Select(static fold => $"fold {fold}")];

    /// <summary>Fits the mixture on all prompts but those of one fold; on all if there is no such fold.</summary>
    public MixtureFit Fit(int heldOutFold, CancellationToken cancellationToken)
    {
        bool Use(int row) => _folds[row] != heldOutFold;
        return new MixtureFit(_traffic.Fit(Use, cancellationToken), _benchmark.Fit(Use, cancellationToken), _gate.Fit(Use, cancellationToken), _options.TrafficShare);
    }

    /// <summary>Scores each part of the prompts with a fit that was made without it.</summary>
    public MixtureLogits[] LeftOutLogits(IReadOnlyList<string> parts, CancellationToken cancellationToken)
    {
        // What a part has no share in is the same without it, and is fitted once.
        var traffic = new Lazy<MatrixFactorizationFit>(() => _traffic.Fit(static _ => true, cancellationToken));
        var benchmark = new Lazy<MatrixFactorizationFit>(() => _benchmark.Fit(static _ => true, cancellationToken));
        var gate = new Lazy<MatrixFactorizationFit>(() => _gate.Fit(static _ => true, cancellationToken));
        var logits = new MixtureLogits[parts.Count];
        var rowsOf = Enumerable.Range(0, parts.Count).GroupBy(row => parts[row], StringComparer.Ordinal);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };
        Parallel.ForEach(rowsOf, parallel, part =>
        {
            MatrixFactorizationFit Without(MatrixFactorizationProblem problem, Lazy<MatrixFactorizationFit> whole) =>
                part.Any(problem.Uses) ? problem.Fit(row => parts[row] != part.Key, cancellationToken) : whole.Value;
            var fit = new MixtureFit(Without(_traffic, traffic), Without(_benchmark, benchmark), Without(_gate, gate), _options.TrafficShare);
            foreach (int row in part)
            {
                logits[row] = fit.Logits(Features.Columns(row), Features.Values(row));
            }
        });
        return logits;
    }

    /// <summary>Scores a prompt with the fit that was made without its fold.</summary>
    public MixtureLogits HeldOutLogits(IReadOnlyList<MixtureFit> fits, int row) => fits[_folds[row]].Logits(Features.Columns(row), Features.Values(row));

    /// <summary>Tells whether a prompt stands for traffic.</summary>
    public bool IsTraffic(int row) => _prompts[row].IsTraffic == true;

    /// <summary>Gives how likely the strong model of the default pair wins clearly on a prompt, and how much that counts.</summary>
    public (double Probability, double Weight) Target(int row)
    {
        Outcome outcome = _outcomes[row].First(IsDefaultPair);
        return (outcome.FirstWins, outcome.Weight);
    }

    private static bool IsDefaultPair(Outcome outcome) => outcome is { First: 0, Second: 1 };

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

    private MatrixFactorizationProblem Problem(Outcome[][] outcomes, float[,] itemPrior, double penalty, double shapePenalty) =>
        new(Features, outcomes, itemPrior, new MatrixFactorizationPenalties(penalty, shapePenalty, _options.ItemPenalty, _options.BiasPenalty), _options);

    private float[] CreateStanding()
    {
        var wins = new double[Models.Length];
        var comparisons = new double[Models.Length];
        foreach (Outcome outcome in _outcomes.SelectMany(static o => o).Where(static o => !double.IsNaN(o.SecondWins)))
        {
            double difference = outcome.Weight * (outcome.FirstWins - outcome.SecondWins);
            wins[outcome.First] += difference;
            wins[outcome.Second] -= difference;
            comparisons[outcome.First] += outcome.Weight;
            comparisons[outcome.Second] += outcome.Weight;
        }

        // Few outcomes are decided, so differences are stretched to fill the scale.
        return [0.5f, -0.5f, .. Enumerable.Range(2, Models.Length - 2).Select(m => comparisons[m] > 0 ? (float)Math.Clamp(2 * wins[m] / comparisons[m], -0.5, 0.5) : 0)];
    }

    /// <summary>Starts with a model's standing in the first dimension; the others are random, so that they can grow apart.</summary>
    private float[,] CreateItemPrior()
    {
        var random = new Random(_options.Seed);
        var prior = new float[Models.Length, _options.BenchmarkDimensions];
        for (int model = 0; model < Models.Length; model++)
        {
            prior[model, 0] = Standing[model];
            for (int k = 1; k < _options.BenchmarkDimensions; k++)
            {
                double part = random.NextDouble() - 0.5;
                prior[model, k] = model < 2 ? 0 : (float)part;
            }
        }

        return prior;
    }
}
