using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Compares the original's logits with held-out ones.</summary>
internal sealed class AdaptationAssessment(AdaptationRows rows, AdaptationProblem problem, double[] before, double[] after, int seed)
{
    private const int Resamples = 500;

    private readonly int[][] _groups = [.. rows.Target.GroupBy(i => rows.Groups[i], StringComparer.Ordinal).Select(static group => group.ToArray())];

    public AdaptationReport Report(bool keepsOriginal)
    {
        QualityChange logLoss = Change(LogLoss);
        QualityChange rank = Change(RankCorrelation);
        return new AdaptationReport(
            keepsOriginal || logLoss.After >= logLoss.Before ? AdaptationVerdict.NoGain
                : logLoss.Difference.High < 0 || rank.Difference.Low > 0 ? AdaptationVerdict.Better
                : AdaptationVerdict.Unclear,
            rows.Target.Length,
            logLoss,
            rank,
            Change(CalibrationError),
            rows.Gains is { } gains && double.IsFinite(Apgr(rows.Target, before, gains)) ? Change((sample, logits) => Apgr(sample, logits, gains)) : null,
            [.. rows.Sets.Select((set, s) => Report(set, [.. Enumerable.Range(0, rows.SetOf.Length).Where(i => rows.SetOf[i] == s)]))]);
    }

    private AdaptationSetReport Report(AdaptationSet set, int[] own) => new(set.Name, own.Length, set.Weight, set.IsReplay, LogLoss(own, before), LogLoss(own, after));

    private QualityChange Change(Func<int[], double[], double> measure)
    {
        var interval = BootstrapInterval.Create(
            _groups.Length,
            draw =>
            {
                int[] sample = [.. draw.SelectMany(g => _groups[g])];
                return measure(sample, after) - measure(sample, before);
            },
            Resamples,
            seed: seed);
        return new QualityChange(measure(rows.Target, before), measure(rows.Target, after), interval);
    }

    private double LogLoss(int[] sample, double[] logits) =>
        sample.Sum(i => problem.Weights[i] * problem.Loss(i, logits[i])) / sample.Sum(i => problem.Weights[i]);

    private double RankCorrelation(int[] sample, double[] logits) => Evaluation.RankCorrelation.Spearman([.. sample.Select(i => logits[i])], [.. sample.Select(i => rows.Labels[i])]);

    private double CalibrationError(int[] sample, double[] logits) =>
        Evaluation.CalibrationError.Expected([.. sample.Select(i => MixtureRouter.Sigmoid(logits[i]))], [.. sample.Select(i => rows.Labels[i])]);

    /// <summary>The curve's shape depends on the differences of the scores alone, so the weak model's may be taken as 0.</summary>
    private static double Apgr(int[] sample, double[] logits, double[] gains) =>
        CostQualityCurve.Create([.. sample.Select(i => logits[i])], [.. sample.Select(i => gains[i])], new double[sample.Length]).Apgr;
}
