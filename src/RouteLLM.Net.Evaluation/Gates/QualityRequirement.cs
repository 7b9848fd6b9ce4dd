using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>A bound that a metric must keep.</summary>
/// <param name="Metric">The metric; it says whether the bound is the least or the most.</param>
/// <param name="Bound">The bound; a value equal to it will do.</param>
/// <param name="Slice">The name of the slice; all rows by default.</param>
public sealed record QualityRequirement(GateMetric Metric, double Bound, string Slice = QualityRequirement.Overall)
{
    /// <summary>The name of the slice of all rows.</summary>
    public const string Overall = "overall";

    /// <summary>Reads a requirement such as <c>apgr=0.6</c> or, of one slice, <c>apgr@mmlu/anatomy=0.55</c>.</summary>
    /// <param name="text">The metric as <see cref="GateMetric"/> names it in text, perhaps the slice after an <c>@</c>, an equals sign, and the bound.</param>
    /// <returns>The requirement.</returns>
    /// <exception cref="FormatException"><paramref name="text"/> is none; the message says what would be.</exception>
    public static QualityRequirement Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int equals = text.LastIndexOf('=');
        string left = (equals < 0 ? text : text[..equals]).Trim(), right = equals < 0 ? "" : text[(equals + 1)..].Trim();
        int at = left.IndexOf('@', StringComparison.Ordinal);
        (string name, string slice) = at < 0 ? (left, Overall) : (left[..at].TrimEnd(), left[(at + 1)..].TrimStart());
        GateMetricInfo info = GateMetricInfo.All.FirstOrDefault(info => string.Equals(info.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"'{text.Trim()}' does not begin with a metric; expected METRIC=BOUND with one of {string.Join(", ", GateMetricInfo.All.Select(static info => info.Name))}.");
        return slice.Length > 0 && double.TryParse(right, NumberStyles.Float, CultureInfo.InvariantCulture, out double bound) && double.IsFinite(bound)
            ? new QualityRequirement(info.Metric, bound, slice)
            : throw new FormatException($"'{text.Trim()}' is no requirement; expected METRIC=BOUND or METRIC@SLICE=BOUND with a number, such as {info.Name}=0.6.");
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        GateMetricInfo info = GateMetricInfo.Of(Metric);
        return string.Create(CultureInfo.InvariantCulture, $"{info.Name}{(Slice == Overall ? "" : $"@{Slice}")} {(info.MoreIsBetter ? ">=" : "<=")} {Bound}");
    }
}
