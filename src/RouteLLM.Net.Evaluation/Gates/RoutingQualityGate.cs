namespace RouteLLM.Evaluation;

/// <summary>Requirements that a router's evaluation must keep, so that a team tests its routing like its code: in a unit test, or with <c>routellm evaluate --require</c>.</summary>
/// <remarks>
/// A metric that is not defined (no costs in the rows, equal models) fails a requirement. With a <see cref="Baseline"/>, APGR, the quality retained and the cost, overall, and every required metric must besides be no worse than the baseline's by more than
/// <see cref="Tolerance"/>; those that the baseline does not define are not compared.
/// </remarks>
public sealed record RoutingQualityGate
{
    private static readonly GateMetric[] s_compared = [GateMetric.Apgr, GateMetric.QualityRetained, GateMetric.Cost];

    /// <summary>Gets the requirements; none by default.</summary>
    public IReadOnlyList<QualityRequirement> Requirements { get; init; } = [];

    /// <summary>Gets an earlier evaluation that this one must not fall behind, or <see langword="null"/>, the default.</summary>
    public EvaluationSummary? Baseline { get; init; }

    /// <summary>Gets by how much a metric may be worse than the baseline's: absolute where the metric is a share, else a part of the baseline's value; 0.01 by default.</summary>
    public double Tolerance { get; init; } = 0.01;

    /// <summary>Reads requirements such as <c>apgr=0.6,cost=0.7</c>.</summary>
    /// <param name="requirements">Requirements as <see cref="QualityRequirement.Parse"/> reads them, parted by commas; at least one.</param>
    /// <returns>The gate.</returns>
    /// <exception cref="FormatException">A requirement is none; the message says what would be.</exception>
    public static RoutingQualityGate Parse(string requirements)
    {
        ArgumentNullException.ThrowIfNull(requirements);
        return new() { Requirements = [.. requirements.Split(',').Select(QualityRequirement.Parse)] };
    }

    /// <summary>Looks at an evaluation.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="EvaluationException">A requirement names a slice that there is not, or the baseline is of other models or another scale.</exception>
    public QualityGateResult Check(RouterEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return Check(EvaluationSummary.Create(evaluation));
    }

    /// <summary>Looks at the numbers of an evaluation.</summary>
    /// <param name="summary">The numbers.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="EvaluationException">A requirement names a slice that there is not, or the baseline is of other models or another scale.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is negative.</exception>
    public QualityGateResult Check(EvaluationSummary summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        ArgumentOutOfRangeException.ThrowIfNegative(Tolerance);
        var checks = new List<QualityGateCheck>(Requirements.Select(requirement => CheckRequirement(summary, requirement)));
        var notes = new List<string>();
        if (Baseline is not null)
        {
            RequireComparable(summary, Baseline);
            if (Baseline.RowsFingerprint != summary.RowsFingerprint)
            {
                notes.Add("The baseline was measured on other rows, so a difference may come from those and not from the router.");
            }

            checks.AddRange(s_compared.Select(static metric => (metric, QualityRequirement.Overall))
                .Union(Requirements.Select(static requirement => (requirement.Metric, requirement.Slice)))
                .Select(compared => CompareWithBaseline(summary, Baseline, compared.Item1, compared.Item2))
                .OfType<QualityGateCheck>());
        }

        return new QualityGateResult(summary.Router, checks, notes);
    }

    /// <summary>Ends a test if an evaluation does not keep what is required: <see cref="Check(RouterEvaluation)"/> and <see cref="QualityGateResult.ThrowIfFailed"/> in one.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <exception cref="QualityGateException">A check did not pass; the message lists all that did not.</exception>
    /// <exception cref="EvaluationException">A requirement names a slice that there is not, or the baseline is of other models or another scale.</exception>
    public void Assert(RouterEvaluation evaluation) => Check(evaluation).ThrowIfFailed();

    private static QualityGateCheck CheckRequirement(EvaluationSummary summary, QualityRequirement requirement)
    {
        SliceSummary slice = summary.FindSlice(requirement.Slice)
            ?? throw new EvaluationException($"There is no slice \"{requirement.Slice}\" to require {requirement} of; there are {string.Join(", ", summary.Slices.Select(static slice => slice.Name).Prepend(QualityRequirement.Overall).Take(20))}.");
        GateMetricInfo info = GateMetricInfo.Of(requirement.Metric);
        double value = info.ValueOf(slice);
        return new QualityGateCheck(requirement.Slice, requirement.Metric, value, requirement.Bound, Baseline: null, info.Holds(value, requirement.Bound));
    }

    private QualityGateCheck? CompareWithBaseline(EvaluationSummary summary, EvaluationSummary baseline, GateMetric metric, string slice)
    {
        GateMetricInfo info = GateMetricInfo.Of(metric);
        if (baseline.FindSlice(slice) is not { } before || double.IsNaN(info.ValueOf(before)))
        {
            return null;
        }

        double was = info.ValueOf(before), bound = info.Loosen(was, Tolerance), value = info.ValueOf(summary.FindSlice(slice)!);
        return new QualityGateCheck(slice, metric, value, bound, was, info.Holds(value, bound));
    }

    private static void RequireComparable(EvaluationSummary summary, EvaluationSummary baseline)
    {
        if ((summary.StrongModel, summary.WeakModel) != (baseline.StrongModel, baseline.WeakModel))
        {
            throw new EvaluationException($"The baseline is of other models: {baseline.StrongModel} and {baseline.WeakModel} instead of {summary.StrongModel} and {summary.WeakModel}.");
        }

        if ((summary.Scale.Minimum, summary.Scale.Maximum) != (baseline.Scale.Minimum, baseline.Scale.Maximum))
        {
            throw new EvaluationException($"The baseline's scores are on another scale: {baseline.Scale} instead of {summary.Scale}.");
        }
    }
}
