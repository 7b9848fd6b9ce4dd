using System.Globalization;
using System.Text.RegularExpressions;

namespace RouteLLM.Onnx;

/// <summary>From a classifier's logits to a win probability: an activation, and the labels that speak for the strong model.</summary>
internal sealed partial class LabelMapping
{
    private readonly OnnxModel _model;
    private readonly ClassifierActivation _activation;
    private readonly bool[] _isStrong;

    /// <param name="model">The model.</param>
    /// <param name="count">How many logits it gives.</param>
    /// <param name="configuration">Its configuration.</param>
    /// <param name="options">What the application says.</param>
    /// <exception cref="OnnxModelException">Labels and logits contradict each other, or it is not known which labels speak for the strong model.</exception>
    public LabelMapping(OnnxModel model, int count, ModelConfiguration configuration, BertClassifierOptions options)
    {
        _model = model;
        if (configuration.Labels is { } stated && stated.Count != count)
        {
            throw model.Problem($"it gives {count} logit(s), and its {ModelConfiguration.FileName} names {stated.Count} label(s) ({Names(stated)}). Take both from the same export.");
        }

        IReadOnlyList<string> labels = configuration.Labels ?? [.. Enumerable.Range(0, count).Select(static index => FormattableString.Invariant($"LABEL_{index}"))];
        _activation = options.Activation ?? (configuration.ProblemType switch
        {
            "regression" => ClassifierActivation.None,
            "multi_label_classification" => ClassifierActivation.Sigmoid,
            _ => count == 1 ? ClassifierActivation.Sigmoid : ClassifierActivation.Softmax,
        });
        _isStrong = options.StrongLabels is { } strong ? Chosen(strong, labels) : Usual(labels);
    }

    /// <summary>Gives the win probability.</summary>
    /// <exception cref="OnnxModelException">A logit is not a number.</exception>
    public double WinProbability(ReadOnlySpan<float> logits)
    {
        double sum = 0, strong = 0, largest = double.NegativeInfinity;
        foreach (float logit in logits)
        {
            largest = Math.Max(largest, logit);
        }

        for (int i = 0; i < logits.Length; i++)
        {
            double part = _activation switch
            {
                ClassifierActivation.Softmax => Math.Exp(logits[i] - largest),
                ClassifierActivation.Sigmoid => 1 / (1 + Math.Exp(-(double)logits[i])),
                _ => logits[i],
            };
            sum += part;
            strong += _isStrong[i] ? part : 0;
        }

        double probability = Math.Clamp(_activation == ClassifierActivation.Softmax ? strong / sum : strong, 0, 1);
        return double.IsNaN(probability)
            ? throw _model.Problem($"it gave the logits {string.Join(", ", logits.ToArray().Select(static logit => logit.ToString(CultureInfo.InvariantCulture)))}, which leave no probability. "
                + "Models that were converted to 16 bits overflow so; export it in 32 bits.")
            : probability;
    }

    [GeneratedRegex("^LABEL_[0-9]+$")]
    private static partial Regex Unnamed { get; }

    [GeneratedRegex("(?<![a-z])strong", RegexOptions.IgnoreCase)]
    private static partial Regex Strong { get; }

    private static string Names(IEnumerable<string> labels) => $"'{string.Join("', '", labels)}'";

    private bool[] Chosen(IReadOnlyList<string> strong, IReadOnlyList<string> labels)
    {
        var chosen = new bool[labels.Count];
        foreach (string label in strong)
        {
            int index = labels.ToList().FindIndex(name => string.Equals(name, label, StringComparison.OrdinalIgnoreCase));
            if (index < 0 && !(int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out index) && index < labels.Count))
            {
                throw _model.Problem($"it has no label '{label}'; its labels are {Names(labels)}. Change {nameof(BertClassifierOptions)}.{nameof(BertClassifierOptions.StrongLabels)}.");
            }

            chosen[index] = true;
        }

        return strong.Count > 0 && (labels.Count == 1 || chosen.Contains(false))
            ? chosen
            : throw _model.Problem($"{nameof(BertClassifierOptions)}.{nameof(BertClassifierOptions.StrongLabels)} has {(strong.Count == 0 ? "none" : "all")} of the labels {Names(labels)}, so that every prompt would score the same. Name some of them.");
    }

    private bool[] Usual(IReadOnlyList<string> labels)
    {
        if (labels.Count == 1)
        {
            return [true];
        }

        bool[] named = [.. labels.Select(static label => Strong.IsMatch(label))];
        if (named.Contains(true) && named.Contains(false))
        {
            return named;
        }

        return labels.Count <= 3 && labels.All(static label => Unnamed.IsMatch(label))
            ? labels.Count == 3 ? [true, false, false] : [false, true]
            : throw _model.Problem($"it is not known which of its labels {Names(labels)} speak for the strong model. Say so in {nameof(BertClassifierOptions)}.{nameof(BertClassifierOptions.StrongLabels)}.");
    }
}
