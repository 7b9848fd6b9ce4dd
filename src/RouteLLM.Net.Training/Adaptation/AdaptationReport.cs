using System.Globalization;

namespace RouteLLM.Training;

/// <summary>How good a router is before and after adapting, on rows held out of all that adapting does. Replayed rows are left out, but for <see cref="Sets"/>.</summary>
public sealed class AdaptationReport
{
    internal AdaptationReport(AdaptationVerdict verdict, int rows, QualityChange logLoss, QualityChange rankCorrelation, QualityChange calibrationError, QualityChange? apgr, IReadOnlyList<AdaptationSetReport> sets)
    {
        (Verdict, Rows, LogLoss, RankCorrelation, CalibrationError, Apgr, Sets) = (verdict, rows, logLoss, rankCorrelation, calibrationError, apgr, sets);
    }

    /// <summary>Gets whether the adapted router is better.</summary>
    public AdaptationVerdict Verdict { get; }

    /// <summary>Gets the number of rows it was measured on.</summary>
    public int Rows { get; }

    /// <summary>Gets the weighted mean cross-entropy of label and probability, in nats; with labels that are probabilities, even a perfect router's is above 0.</summary>
    public QualityChange LogLoss { get; }

    /// <summary>Gets Spearman's rank correlation of probabilities and labels.</summary>
    public QualityChange RankCorrelation { get; }

    /// <summary>Gets the expected calibration error.</summary>
    public QualityChange CalibrationError { get; }

    /// <summary>Gets the average performance gap recovered, or <see langword="null"/> where scores of both models are lacking or the models are equally good.</summary>
    public QualityChange? Apgr { get; }

    /// <summary>Gets what adapting did to each of the sets, replayed ones too.</summary>
    public IReadOnlyList<AdaptationSetReport> Sets { get; }

    /// <summary>Gets the verdict in a sentence.</summary>
    public string Summary
    {
        get
        {
            string numbers = string.Create(CultureInfo.InvariantCulture, $"held-out log loss {LogLoss.Before:0.000} before and {LogLoss.After:0.000} after on {Rows} rows, difference {LogLoss.Difference.Low:+0.000;-0.000;0.000} to {LogLoss.Difference.High:+0.000;-0.000;0.000}");
            return Verdict switch
            {
                AdaptationVerdict.Better => $"better: use the adapted router ({numbers}).",
                AdaptationVerdict.Unclear => $"unclear: the gain is within what chance could do, label more prompts ({numbers}).",
                _ => $"no gain: keep the original ({numbers}).",
            };
        }
    }
}
