using RouteLLM.Evaluation;
using RouteLLM.Training;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>How good win probabilities are on rows that the model that gave them was fitted without.</summary>
internal static class HeldOutQuality
{
    /// <param name="data">The rows.</param>
    /// <param name="probabilities">A win probability for each, NaN for those that were not held out.</param>
    /// <returns>The measures, by name; those that cannot be had from the rows are missing.</returns>
    public static Dictionary<string, double> Measure(TrainingData data, IReadOnlyList<double> probabilities)
    {
        var measures = new Dictionary<string, double>(StringComparer.Ordinal);
        IReadOnlyList<LabeledPrompt> labels = data.CreateLabels();
        int[] held = [.. Enumerable.Range(0, probabilities.Count).Where(i => !double.IsNaN(probabilities[i]))];
        measures["held_out_rows"] = held.Length;
        if (held.Length == 0)
        {
            return measures;
        }

        measures["held_out_log_loss"] = held.Average(i => LogLoss(labels[i].Label, probabilities[i]));
        measures["held_out_calibration_error"] = CalibrationError.Expected([.. held.Select(i => probabilities[i])], [.. held.Select(i => labels[i].Label)]);
        int[] scored = [.. held.Where(i => i < data.Scored.Count)], rated = [.. held.Where(i => i >= data.Scored.Count)];
        if (scored.Length > 0)
        {
            CostQualityCurve curve = CostQualityCurve.Create(
                [.. scored.Select(i => probabilities[i])], [.. scored.Select(i => data.Rows[i].Scores[data.Strong])], [.. scored.Select(i => data.Rows[i].Scores[data.Weak])]);
            AddIfFinite("held_out_apgr", curve.Apgr);
        }

        if (rated.Length > 1)
        {
            AddIfFinite("held_out_rank_correlation", RankCorrelation.Spearman([.. rated.Select(i => probabilities[i])], [.. rated.Select(i => labels[i].Label)]));
        }

        return measures;

        void AddIfFinite(string name, double value)
        {
            if (double.IsFinite(value))
            {
                measures[name] = value;
            }
        }
    }

    private static double LogLoss(double label, double probability)
    {
        double p = Math.Clamp(probability, 1e-12, 1 - 1e-12);
        return -(label * Math.Log(p)) - ((1 - label) * Math.Log(1 - p));
    }
}
