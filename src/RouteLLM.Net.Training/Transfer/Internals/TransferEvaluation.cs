using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Evaluates predictions source by source.</summary>
internal sealed class TransferEvaluation
{
    private readonly TransferRows _rows;
    private readonly TransferOptions _options;
    private readonly HeldOutPredictions _predictions;
    private readonly RouterEvaluation _evaluation;
    private readonly ILookup<string, int> _tested;

    private TransferEvaluation(TransferRows rows, TransferOptions options, HeldOutPredictions predictions, int[] tested, RouterEvaluation evaluation)
    {
        _rows = rows;
        _options = options;
        _predictions = predictions;
        _evaluation = evaluation;
        _tested = tested.ToLookup(i => rows.Sources[i], StringComparer.Ordinal);
    }

    /// <param name="rows">The rows.</param>
    /// <param name="predictions">Predictions of all rows that are tested on.</param>
    /// <param name="options">The models, and how to resample.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    public static async Task<TransferEvaluation> CreateAsync(TransferRows rows, HeldOutPredictions predictions, TransferOptions options, CancellationToken cancellationToken)
    {
        int[] tested = rows.Tested;
        var evaluation = new EvaluationOptions
        {
            StrongModel = options.StrongModel,
            WeakModel = options.WeakModel,
            Scale = options.Scale,
            SliceBy = row => [options.SourceOf(row)],
            Bootstrap = options.Bootstrap,
            MissingScores = MissingScoreHandling.Refuse,
            KeepPrompts = false,
        };

        // A source that is only rated may have scores of other models, which are not the question.
        IEnumerable<EvaluationRow> asked = tested.Select(i => rows.Measures[rows.Sources[i]] == TransferMeasure.Apgr ? rows.Rows[i] : rows.Rows[i] with { Scores = new Dictionary<string, double>() });
        RouterEvaluation result = await RouterEvaluator.EvaluateAsync(new ReplayRouter([.. tested.Select(i => predictions.Values[i])]), asked, evaluation, cancellationToken).ConfigureAwait(false);
        return new TransferEvaluation(rows, options, predictions, tested, result);
    }

    /// <summary>Counts the rows of a source that are tested on.</summary>
    public int Count(string source) => _tested[source].Count();

    /// <summary>Gives the score on a source, or <see langword="null"/> if none of its rows is predicted.</summary>
    public TransferScore? Score(string source)
    {
        if (_evaluation.Slices.FirstOrDefault(slice => slice.Name == source) is not { } slice)
        {
            return null;
        }

        TransferMeasure measure = _rows.Measures[source];
        return new TransferScore
        {
            Measure = measure,
            Value = measure == TransferMeasure.Apgr ? slice.Apgr : slice.RankCorrelation,
            Interval = measure == TransferMeasure.Apgr ? slice.ApgrInterval : RankInterval(source),
            LessIsBetter = measure == TransferMeasure.Apgr && slice.StrongQuality < slice.WeakQuality,
            CalibrationError = slice.ExpectedCalibrationError,
            TrainingRows = _tested[source].Average(i => _predictions.TrainingRows[i]),
        };
    }

    /// <summary>Subtracts the scores that other predictions of the same rows have, source by source.</summary>
    public IReadOnlyDictionary<string, PairedDifference> Minus(TransferEvaluation other, CancellationToken cancellationToken)
    {
        var differences = new Dictionary<string, PairedDifference>(StringComparer.Ordinal);
        if (_evaluation.Overall.ScoredRows > 0)
        {
            foreach (ComparedSlice slice in RouterComparison.Create(_evaluation, other._evaluation, _options.Bootstrap, cancellationToken).Slices)
            {
                differences[slice.Name] = slice.Apgr;
            }
        }

        foreach (IGrouping<string, int> source in _tested.Where(source => _rows.Measures[source.Key] == TransferMeasure.RankCorrelation))
        {
            (double[] predicted, double[] rated) = RatedRows(source.Key);
            (double[] otherPredicted, _) = other.RatedRows(source.Key);
            differences[source.Key] = PairedBootstrap.Compare(
                rated.Length,
                counts => RankCorrelation.Spearman(Repeat(predicted, counts), Repeat(rated, counts)),
                counts => RankCorrelation.Spearman(Repeat(otherPredicted, counts), Repeat(rated, counts)),
                _options.Bootstrap,
                cancellationToken);
        }

        return differences;
    }

    private static double[] Repeat(double[] values, ReadOnlySpan<int> counts)
    {
        var repeated = new double[values.Length];
        for (int i = 0, next = 0; i < values.Length; i++)
        {
            repeated.AsSpan(next, counts[i]).Fill(values[i]);
            next += counts[i];
        }

        return repeated;
    }

    private BootstrapInterval RankInterval(string source)
    {
        (double[] predicted, double[] rated) = RatedRows(source);
        return BootstrapInterval.Create(
            rated.Length,
            draw => RankCorrelation.Spearman(Array.ConvertAll(draw, i => predicted[i]), Array.ConvertAll(draw, i => rated[i])),
            _options.Bootstrap.Resamples, _options.Bootstrap.Confidence, _options.Bootstrap.Seed);
    }

    private (double[] Predicted, double[] Rated) RatedRows(string source) =>
        ([.. _tested[source].Select(i => _predictions.Values[i])], [.. _tested[source].Select(i => _rows.Rows[i].StrongProbability!.Value)]);
}
