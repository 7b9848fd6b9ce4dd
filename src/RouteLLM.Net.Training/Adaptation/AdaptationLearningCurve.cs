using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Measures how good a router gets with more and more labels of a domain.</summary>
public static class AdaptationLearningCurve
{
    /// <summary>Adapts a matrix factorisation over hashed features with 25, 50, 100 ... labels, several times, and measures each on rows held back.</summary>
    /// <param name="original">The model to start from.</param>
    /// <param name="set">The labelled prompts; its weight is of no consequence.</param>
    /// <param name="measure">What to measure.</param>
    /// <param name="options">How to adapt, or <see langword="null"/> for the defaults.</param>
    /// <param name="curve">How to measure, or <see langword="null"/> for the defaults. <see cref="LearningCurveOptions.HighestQuality"/> is to be 0 for <see cref="AdaptationMeasure.LogLoss"/>.</param>
    /// <param name="progress">Told the number of trainings done.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The curve, with the original as what was there before any label.</returns>
    /// <exception cref="ArgumentException">There are too few rows or groups, or no size is at least ten.</exception>
    public static LearningCurve Create(
        HashedMatrixFactorizationModel original,
        AdaptationSet set,
        AdaptationMeasure measure = AdaptationMeasure.Ranking,
        AdaptationOptions? options = null,
        LearningCurveOptions? curve = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        options ??= new AdaptationOptions();
        return Create(AdaptableHashedPair.Create(original, RouterAdapter.PairOf(options, original.StrongModel, original.WeakModel)), set, measure, options, curve, progress, cancellationToken);
    }

    /// <summary>Adapts a linear model over hashed features with 25, 50, 100 ... labels, several times, and measures each on rows held back.</summary>
    /// <param name="original">The model to start from.</param>
    /// <param name="set">The labelled prompts; its weight is of no consequence.</param>
    /// <param name="measure">What to measure.</param>
    /// <param name="options">How to adapt, or <see langword="null"/> for the defaults.</param>
    /// <param name="curve">How to measure, or <see langword="null"/> for the defaults. <see cref="LearningCurveOptions.HighestQuality"/> is to be 0 for <see cref="AdaptationMeasure.LogLoss"/>.</param>
    /// <param name="progress">Told the number of trainings done.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The curve, with the original as what was there before any label.</returns>
    /// <exception cref="ArgumentException">There are too few rows or groups, or no size is at least ten.</exception>
    public static LearningCurve Create(
        LinearModel original,
        AdaptationSet set,
        AdaptationMeasure measure = AdaptationMeasure.Ranking,
        AdaptationOptions? options = null,
        LearningCurveOptions? curve = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(original);
        options ??= new AdaptationOptions();
        return Create(AdaptableLinearPair.Create(original, RouterAdapter.PairOf(options, original.StrongModel, original.WeakModel)), set, measure, options, curve, progress, cancellationToken);
    }

    /// <summary>Trains routers with 25, 50, 100 ... labels, several times, and measures each on rows held back.</summary>
    /// <param name="set">The labelled prompts; its weight is of no consequence.</param>
    /// <param name="train">Trains on some rows, given a seed, and returns what scores a prompt.</param>
    /// <param name="before">Scores a prompt before there is any label, or <see langword="null"/>.</param>
    /// <param name="measure">What to measure.</param>
    /// <param name="curve">How to measure, or <see langword="null"/> for the defaults. <see cref="LearningCurveOptions.HighestQuality"/> is to be 0 for <see cref="AdaptationMeasure.LogLoss"/>.</param>
    /// <param name="progress">Told the number of trainings done.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">There are too few rows or groups.</exception>
    public static LearningCurve Create(
        AdaptationSet set,
        Func<IReadOnlyList<LabeledPrompt>, int, Func<string, double>> train,
        Func<string, double>? before,
        AdaptationMeasure measure,
        LearningCurveOptions? curve,
        IProgress<int>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        ArgumentNullException.ThrowIfNull(train);
        int[] rows = [.. Enumerable.Range(0, set.Rows.Count)];
        return LearningCurve.Create(
            rows,
            (chosen, seed) =>
            {
                Func<string, double> score = train([.. chosen.Select(i => set.Rows[i])], seed);
                return i => score(set.Rows[i].Prompt);
            },
            (scores, heldBack) => Measure(measure, set, [.. scores], heldBack),
            i => set.Rows[i].Group ?? set.Rows[i].Prompt,
            before is null ? null : i => before(set.Rows[i].Prompt),
            curve,
            progress,
            cancellationToken);
    }

    private static LearningCurve Create(
        AdaptablePair original, AdaptationSet set, AdaptationMeasure measure, AdaptationOptions options, LearningCurveOptions? curve, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(set);
        return Create(
            set,
            (rows, seed) =>
            {
                // By chance, few labels may all be the same, or of one group; nothing is learned from them then.
                bool learnable = rows.Any(row => row.Label != rows[0].Label) && rows.Any(row => (row.Group ?? row.Prompt) != (rows[0].Group ?? rows[0].Prompt));
                return learnable ? ScorerOf(RouterAdapter.Adapt(original, [new AdaptationSet(set.Name, rows)], options.Quickly(seed), cancellationToken).Router) : Before;
            },
            Before,
            measure,
            curve,
            progress,
            cancellationToken);

        double Before(string prompt) => MixtureRouter.Sigmoid(original.Logit(prompt));

        static Func<string, double> ScorerOf(IRouter router) => router is LinearRouter linear
            ? prompt => linear.PredictWinProbability(prompt)
            : prompt => ((HashedMatrixFactorizationRouter)router).PredictWinProbability(prompt);
    }

    private static double Measure(AdaptationMeasure measure, AdaptationSet set, double[] scores, IReadOnlyList<int> heldBack)
    {
        double[] labels = [.. heldBack.Select(i => set.Rows[i].Label)];
        if (measure == AdaptationMeasure.LogLoss)
        {
            return -scores.Select((score, k) => -(labels[k] * Math.Log(Math.Max(score, 1e-12))) - ((1 - labels[k]) * Math.Log(Math.Max(1 - score, 1e-12)))).Average();
        }

        if (set.Gains is not { } gains)
        {
            return RankCorrelation.Spearman(scores, labels);
        }

        double apgr = CostQualityCurve.Create(scores, [.. heldBack.Select(i => gains[i])], new double[scores.Length]).Apgr;
        return double.IsFinite(apgr) ? apgr : double.NaN;
    }
}
