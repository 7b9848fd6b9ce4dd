namespace RouteLLM.Evaluation;

/// <summary>Two routers on the same rows: by how much one is better, and whether that could be chance.</summary>
/// <remarks>
/// The rows are drawn again for both routers at once (a paired bootstrap), which is far sharper than to look whether two intervals overlap: what makes a prompt hard makes it hard for both.
/// Many slices make many comparisons; of twenty where nothing differs, one has a p-value below 0.05 by chance.
/// </remarks>
public sealed class RouterComparison
{
    private RouterComparison(RouterEvaluation first, RouterEvaluation second, ComparedSlice overall, IReadOnlyList<ComparedSlice> slices)
    {
        First = first;
        Second = second;
        Overall = overall;
        Slices = slices;
    }

    /// <summary>Gets the first router's evaluation.</summary>
    public RouterEvaluation First { get; }

    /// <summary>Gets the second router's evaluation.</summary>
    public RouterEvaluation Second { get; }

    /// <summary>Gets the differences on all rows.</summary>
    public ComparedSlice Overall { get; }

    /// <summary>Gets the differences on those slices of the first evaluation that have scores.</summary>
    public IReadOnlyList<ComparedSlice> Slices { get; }

    /// <summary>Compares two evaluations.</summary>
    /// <param name="first">The first router's evaluation.</param>
    /// <param name="second">The second router's, on the same rows in the same order and with the same models.</param>
    /// <param name="options">How to resample; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <returns>The comparison.</returns>
    /// <exception cref="EvaluationException">The evaluations are of other models or rows, or no row has scores.</exception>
    public static RouterComparison Create(RouterEvaluation first, RouterEvaluation second, BootstrapOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        options ??= new();
        if ((first.StrongModel, first.WeakModel) != (second.StrongModel, second.WeakModel))
        {
            throw new EvaluationException($"The evaluations are of other models: {first.StrongModel} and {first.WeakModel}, {second.StrongModel} and {second.WeakModel}.");
        }

        if (first.Overall.ScoredRows == 0)
        {
            throw new EvaluationException("No row has scores of both models, so there is nothing to compare by.");
        }

        ComparedSlice overall = Compare(first.Overall, second.Overall, first, second, options, cancellationToken);
        var slices = new List<ComparedSlice>();
        foreach (EvaluationSlice slice in first.Slices.Where(static slice => slice.ScoredRows > 0))
        {
            EvaluationSlice other = second.FindSlice(slice.Name) ?? throw new EvaluationException($"The second evaluation has no slice \"{slice.Name}\"; evaluate both routers with the same options.");
            slices.Add(Compare(slice, other, first, second, options, cancellationToken));
        }

        return new RouterComparison(first, second, overall, slices);
    }

    private static ComparedSlice Compare(EvaluationSlice first, EvaluationSlice second, RouterEvaluation ofFirst, RouterEvaluation ofSecond, BootstrapOptions options, CancellationToken cancellationToken)
    {
        RequireSameRows(first, second);
        var (a, b) = (new Sample(first, ofFirst.Threshold), new Sample(second, ofSecond.Threshold));
        int metrics = Sample.Width;
        double[][] values = Resampler.Run(first.ScoredRows, 2 * metrics, options, (counts, row) =>
        {
            a.Compute(counts, row[..metrics]);
            b.Compute(counts, row[metrics..]);
        }, cancellationToken);

        // The numbers on the rows as they are come from the same code, with every row once.
        var once = new int[first.ScoredRows];
        Array.Fill(once, 1);
        double[] actualFirst = new double[metrics], actualSecond = new double[metrics];
        a.Compute(once, actualFirst);
        b.Compute(once, actualSecond);
        return new ComparedSlice(first.Name, first.ScoredRows, Sample.Metrics.ToDictionary(
            static metric => metric.Metric,
            metric => PairedDifference.Create(actualFirst[metric.Value], actualSecond[metric.Value], values[metric.Value], values[metrics + metric.Value], options.Confidence)));
    }

    private static void RequireSameRows(EvaluationSlice first, EvaluationSlice second)
    {
        int differs = first.ScoredRows != second.ScoredRows
            ? Math.Min(first.ScoredRows, second.ScoredRows)
            : Enumerable.Range(0, first.ScoredRows).FirstOrDefault(i => !IsSame(first.Scored[i], second.Scored[i]), -1);
        if (differs >= 0)
        {
            throw new EvaluationException(
                $"The evaluations are of other rows: in the slice \"{first.Name}\" scored row {differs + 1} is {Describe(first, differs)} and {Describe(second, differs)}. Evaluate both routers on the same rows in the same order.");
        }

        static bool IsSame(EvaluatedRow a, EvaluatedRow b) => a.Id == b.Id && a.StrongScore == b.StrongScore && a.WeakScore == b.WeakScore;

        static string Describe(EvaluationSlice slice, int row) =>
            row < slice.ScoredRows ? FormattableString.Invariant($"\"{slice.Scored[row].Id}\" ({slice.Scored[row].StrongScore} and {slice.Scored[row].WeakScore})") : "missing";
    }

    /// <summary>All metrics of one router as functions of how often each row counts.</summary>
    private sealed class Sample(EvaluationSlice slice, double threshold)
    {
        private const int Quality = SweepStatistic.Width, Cost = SweepStatistic.Width + 1;

        private readonly double[] _answered = [.. slice.Scored.Select(row => row.WinProbability >= threshold ? row.StrongScore : row.WeakScore)];
        private readonly double[] _paid = [.. slice.Scored.Select(row => row.WinProbability >= threshold ? row.StrongCost : row.WeakCost)];

        public static int Width => SweepStatistic.Width + 2;

        public static IReadOnlyList<(RouterMetric Metric, int Value)> Metrics { get; } =
        [
            (RouterMetric.Apgr, SweepStatistic.Apgr), (RouterMetric.Auc, SweepStatistic.Auc), (RouterMetric.Cpt20, SweepStatistic.Cpt20), (RouterMetric.Cpt50, SweepStatistic.Cpt50),
            (RouterMetric.Cpt80, SweepStatistic.Cpt80), (RouterMetric.Quality, Quality), (RouterMetric.Cost, Cost),
        ];

        public void Compute(ReadOnlySpan<int> counts, Span<double> values)
        {
            slice.SweepStatistic!.Compute(counts, values);
            values[Quality] = WeightedMean.Of(_answered, counts);
            values[Cost] = WeightedMean.Of(_paid, counts);
        }
    }
}
