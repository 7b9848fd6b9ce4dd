namespace RouteLLM.Evaluation;

/// <summary>The requests of one calibration, and what thresholds do to them.</summary>
internal sealed class CalibrationSamples
{
    private const int TableSteps = 20;

    public CalibrationSamples(IReadOnlyList<CalibrationSample> rows)
    {
        Scores = [.. rows.Select(static row => row.WinProbability)];
        StrongScores = [.. rows.Select(static row => row.StrongScore)];
        WeakScores = [.. rows.Select(static row => row.WeakScore)];
        StrongCosts = [.. rows.Select(static row => row.StrongCost)];
        WeakCosts = [.. rows.Select(static row => row.WeakCost)];
        Groups = [.. rows.Select(static row => row.Group)];
        HasScores = !StrongScores.Concat(WeakScores).Any(double.IsNaN);
        HasCosts = !StrongCosts.Concat(WeakCosts).Any(double.IsNaN);
    }

    public double[] Scores { get; }

    public double[] StrongScores { get; }

    public double[] WeakScores { get; }

    public double[] StrongCosts { get; }

    public double[] WeakCosts { get; }

    public string?[] Groups { get; }

    /// <summary>Gets a value indicating whether both models' scores are known of every request.</summary>
    public bool HasScores { get; }

    /// <summary>Gets a value indicating whether both models' costs are known of every request.</summary>
    public bool HasCosts { get; }

    public CalibrationSamples OfGroup(string group) => new([.. Enumerable.Range(0, Scores.Length).Where(i => Groups[i] == group)
        .Select(i => new CalibrationSample(Scores[i], StrongScores[i], WeakScores[i], StrongCosts[i], WeakCosts[i], group))]);

    public CalibrationPoint At(double threshold) => At(threshold, _ => threshold);

    /// <summary>Tells what happens when each request is compared with its own threshold.</summary>
    /// <param name="named">The threshold to write down.</param>
    /// <param name="thresholds">Gives the threshold of a request by its index.</param>
    public CalibrationPoint At(double named, Func<int, double> thresholds)
    {
        int strong = 0;
        double quality = 0, cost = 0;
        for (int i = 0; i < Scores.Length; i++)
        {
            bool isStrong = Scores[i] >= thresholds(i);
            strong += isStrong ? 1 : 0;
            quality += isStrong ? StrongScores[i] : WeakScores[i];
            cost += isStrong ? StrongCosts[i] : WeakCosts[i];
        }

        double strongQuality = StrongScores.Sum(), strongCost = StrongCosts.Sum();
        return new CalibrationPoint(
            named,
            (double)strong / Scores.Length,
            HasScores && strongQuality > 0 ? quality / strongQuality : null,
            HasCosts && strongCost > 0 ? 1 - (cost / strongCost) : null,
            HasCosts ? cost / Scores.Length * 1000 : null);
    }

    /// <summary>Tells what thresholds from always strong to always weak do, and the chosen one among them.</summary>
    public CalibrationPoint[] Table(double chosen) =>
    [
        .. Enumerable.Range(1, TableSteps - 1).Select(step => ThresholdCalibrator.ForStrongShare(Scores, (double)step / TableSteps))
            .Concat([0, chosen, double.PositiveInfinity]).Distinct().Order().Select(At),
    ];
}
