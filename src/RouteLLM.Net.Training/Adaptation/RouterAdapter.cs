using System.Globalization;

namespace RouteLLM.Training;

/// <summary>Adapts a trained router to a domain, or to another pair of models, with a few labelled prompts.</summary>
/// <remarks>
/// <para>
/// The adapted logit is scale * original + offset + corrections . features, fitted by maximum a posteriori with the original as the prior: a ridge draws the scale to 1, the offset to 0 and each correction to 0. How strongly is chosen by
/// cross-validation, group by group, on the rows given; the original is only left where that gains more than its standard error. So a few rows change little, and rows that say nothing new change nothing.
/// </para>
/// <para>
/// What is fitted is calibrated on scores of rows that were held out, and the score quantiles are those of the adapted prompts, mixed with the original's while they are few. The result is an ordinary artifact of one pair of models, that
/// the core alone loads; the original's other models are not in it.
/// </para>
/// <para>The same sets, options and seed give the same bytes, with any number of threads.</para>
/// </remarks>
public static class RouterAdapter
{
    /// <summary>Adapts a matrix factorisation over hashed features, such as the built-in router's.</summary>
    /// <param name="original">The model to start from.</param>
    /// <param name="sets">The labelled prompts: at least ten of the new domain, of at least two groups, with labels that are not all the same.</param>
    /// <param name="options">How to adapt, or <see langword="null"/> for the defaults. Where the names of the pair are both among the original's models, that pair is adapted; else what the original knows of its default pair is the prior for the new one.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The adapted router and its artifact, which <see cref="HashedMatrixFactorizationModel.Load(string)"/> reads.</returns>
    /// <exception cref="ArgumentException">There are too few rows, or all their labels or groups are the same; or both models are the same.</exception>
    public static AdaptedRouter Adapt(HashedMatrixFactorizationModel original, IReadOnlyList<AdaptationSet> sets, AdaptationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(sets);
        options ??= new AdaptationOptions();
        return Adapt(AdaptableHashedPair.Create(original, PairOf(options, original.StrongModel, original.WeakModel)), sets, options, cancellationToken);
    }

    /// <summary>Adapts a linear model over hashed features.</summary>
    /// <param name="original">The model to start from: of one pair, or of a pool.</param>
    /// <param name="sets">The labelled prompts: at least ten of the new domain, of at least two groups, with labels that are not all the same.</param>
    /// <param name="options">How to adapt, or <see langword="null"/> for the defaults. Where the original can route the pair named, that pair is adapted; else what it knows of its default pair is the prior for the new one.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The adapted router and its artifact, a model of one pair, which <see cref="LinearModel.Load(string)"/> reads.</returns>
    /// <exception cref="ArgumentException">There are too few rows, or all their labels or groups are the same; or both models are the same.</exception>
    public static AdaptedRouter Adapt(LinearModel original, IReadOnlyList<AdaptationSet> sets, AdaptationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        ArgumentNullException.ThrowIfNull(sets);
        options ??= new AdaptationOptions();
        return Adapt(AdaptableLinearPair.Create(original, PairOf(options, original.StrongModel, original.WeakModel)), sets, options, cancellationToken);
    }

    internal static string[] PairOf(AdaptationOptions options, string strongModel, string weakModel) => [options.StrongModel ?? strongModel, options.WeakModel ?? weakModel];

    internal static AdaptedRouter Adapt(AdaptablePair original, IReadOnlyList<AdaptationSet> sets, AdaptationOptions options, CancellationToken cancellationToken)
    {
        options.Validate();
        string[] pair = PairOf(options, original.Models[0], original.Models[1]);
        if (pair[0] == pair[1])
        {
            throw new ArgumentException($"The strong and the weak model are both '{pair[0]}'; a router chooses between two.", nameof(options));
        }

        var rows = new AdaptationRows(sets);
        double[] logits = [.. rows.Prompts.Select(original.Logit)];
        var features = AdaptationFeatures.Create(rows.Prompts, original);
        var problem = new AdaptationProblem(features, RouterSignals.FromLogits(logits), rows.Labels, rows.Weights);
        (AdaptationSolution solution, AdaptationReport? report) = Solve(problem, rows, logits, options, cancellationToken);

        double[] heldOut = [.. solution.HeldOut.Select(MixtureRouter.Sigmoid)];
        ScoreQuantiles quantiles = MixQuantiles([.. rows.Target.Select(i => heldOut[i])], original.Quantiles, solution.Fit, options.QuantilePriorRows);
        SafetensorsWriter artifact = original.Write(solution.Fit, features.Buckets, pair, options.Name, quantiles);
        Describe(artifact.Metadata, original, solution, sets, options);
        byte[] bytes = artifact.ToArray();
        return new AdaptedRouter(original.Load(SafetensorsFile.Parse(bytes)), bytes, solution.KeepsOriginal, solution.Fit.Scale, solution.Fit.Offset, solution.Penalty.Features, heldOut, report);
    }

    /// <summary>Adapts to all rows and, to assess that, to all rows but those of one fold after the other.</summary>
    private static (AdaptationSolution Solution, AdaptationReport? Report) Solve(AdaptationProblem problem, AdaptationRows rows, double[] before, AdaptationOptions options, CancellationToken cancellationToken)
    {
        var search = new AdaptationSearch(problem, rows.Groups, options);
        int[] all = [.. Enumerable.Range(0, before.Length)];
        int folds = options.Assess ? options.Folds : 0;

        // These folds are not among those that penalties are chosen with.
        int[] foldOf = GroupFolds.Deal(rows.Groups, Math.Min(options.Folds, rows.Groups.Distinct().Count()), ~options.Seed);
        var solutions = new AdaptationSolution[folds + 1];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };
        Parallel.For(0, folds + 1, parallel, fold => solutions[fold] = search.Solve([.. all.Where(i => fold == folds || foldOf[i] != fold)], cancellationToken));
        if (!options.Assess)
        {
            return (solutions[^1], null);
        }

        double[] after = [.. all.Select(i => problem.Logit(solutions[foldOf[i]].Fit, i))];
        return (solutions[^1], new AdaptationAssessment(rows, problem, before, after, options.Seed).Report(solutions[^1].KeepsOriginal));
    }

    /// <summary>Takes the quantiles of the held-out scores together with those of the original, moved by scale and offset, as if they were so and so many rows.</summary>
    private static ScoreQuantiles MixQuantiles(double[] scores, ScoreQuantiles? original, AdaptationFit fit, double originalRows)
    {
        double[] moved = original is null || originalRows == 0 ? [] : [.. original.Values.Select(score => MixtureRouter.Sigmoid((fit.Scale * MixtureRouter.Logit(score)) + fit.Offset))];
        (double Score, double Weight)[] sorted = [.. scores.Select(static score => (score, 1.0)).Concat(moved.Select(score => (score, originalRows / moved.Length))).OrderBy(static pair => pair.Item1)];
        double total = sorted.Sum(static pair => pair.Weight), below = 0;
        var quantiles = new double[1001];
        for (int q = 0, i = 0; q < quantiles.Length; q++)
        {
            while (i < sorted.Length - 1 && below + sorted[i].Weight < q * total / (quantiles.Length - 1))
            {
                below += sorted[i++].Weight;
            }

            quantiles[q] = sorted[i].Score;
        }

        return new ScoreQuantiles(quantiles);
    }

    private static void Describe(
        IDictionary<string, string> metadata, AdaptablePair original, AdaptationSolution solution, IReadOnlyList<AdaptationSet> sets, AdaptationOptions options)
    {
        metadata["trainer"] = $"RouteLLM.Net.Training {typeof(RouterAdapter).Assembly.GetName().Version?.ToString(3)}";
        metadata["adaptation.original"] = original.Fingerprint;
        metadata["adaptation.original_pair"] = string.Join(", ", original.Models);
        metadata["adaptation.rows"] = Invariant($"{sets.Sum(static set => set.Rows.Count)}");
        metadata["adaptation.seed"] = Invariant($"{options.Seed}");
        metadata["adaptation.scale"] = Invariant($"{solution.Fit.Scale:R}");
        metadata["adaptation.offset"] = Invariant($"{solution.Fit.Offset:R}");
        metadata["adaptation.feature_penalty"] = double.IsPositiveInfinity(solution.Penalty.Features) ? "none" : Invariant($"{solution.Penalty.Features:R}");
        for (int s = 0; s < sets.Count; s++)
        {
            metadata[$"adaptation.set.{s + 1}"] = Invariant($"{sets[s].Name}; {sets[s].Rows.Count} rows; weight {sets[s].Weight}{(sets[s].IsReplay ? "; replayed" : "")}");
        }

        // What the original was made from is true of its offspring, but its licence and its format are its own.
        foreach ((string key, string value) in original.Metadata.Where(static pair => pair.Key is "name" or "license" or "trainer" || pair.Key.Contains('.', StringComparison.Ordinal)))
        {
            metadata[$"original.{key}"] = value;
        }

        foreach ((string key, string value) in options.Metadata)
        {
            // What loading needs, and where the artifact comes from, is not for others to say.
            metadata.TryAdd(key, value);
        }

        static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
    }
}
