using System.Globalization;

namespace RouteLLM.Evaluation;

/// <summary>One thing that a gate looked at.</summary>
/// <param name="Slice">The name of the slice.</param>
/// <param name="Metric">The metric.</param>
/// <param name="Value">Its value; NaN if it is not defined or not known.</param>
/// <param name="Bound">The worst value that passes.</param>
/// <param name="Baseline">The baseline's value, or <see langword="null"/> if the bound is a requirement.</param>
/// <param name="Passed">Whether the value is no worse than the bound.</param>
public sealed record QualityGateCheck(string Slice, GateMetric Metric, double Value, double Bound, double? Baseline, bool Passed)
{
    /// <summary>Gets a sentence that says what was found and what was wanted.</summary>
    public string Message
    {
        get
        {
            GateMetricInfo info = GateMetricInfo.Of(Metric);
            string where = Slice == QualityRequirement.Overall ? "" : $" of {Slice}";
            string limit = info.MoreIsBetter ? "at least" : "at most";
            if (double.IsNaN(Value))
            {
                return string.Create(CultureInfo.InvariantCulture, $"{info.Name}: the {info.Description}{where} is not known or not defined; {limit} {Show(Bound)} is {(Baseline is null ? "required" : "tolerated")}.");
            }

            return Baseline is { } baseline
                ? string.Create(CultureInfo.InvariantCulture, $"{info.Name}: the {info.Description}{where} is {Show(Value)}, the baseline's {Show(baseline)}; {(Passed ? "that is no worse than tolerated." : $"it {(info.MoreIsBetter ? "fell" : "rose")} by {Show(Math.Abs(Value - baseline))}, and {limit} {Show(Bound)} is tolerated.")}")
                : string.Create(CultureInfo.InvariantCulture, $"{info.Name}: the {info.Description}{where} is {Show(Value)}; {limit} {Show(Bound)} is required.");
        }
    }

    private static string Show(double value) => value.ToString(Math.Abs(value) is > 0 and < 0.01 ? "0.###e0" : "0.####", CultureInfo.InvariantCulture);
}
