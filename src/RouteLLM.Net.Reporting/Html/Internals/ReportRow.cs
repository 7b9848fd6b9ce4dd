namespace RouteLLM.Reporting;

/// <summary>A line of the table of slices.</summary>
internal sealed record ReportRow
{
    public required string Name { get; init; }

    public required int Rows { get; init; }

    public required int ScoredRows { get; init; }

    public required double WeakQuality { get; init; }

    public required double StrongQuality { get; init; }

    public required double Apgr { get; init; }

    public required double ApgrLow { get; init; }

    public required double ApgrHigh { get; init; }

    public required double Cpt50 { get; init; }

    public required double Cpt80 { get; init; }

    public required double RankCorrelation { get; init; }

    public required double CalibrationError { get; init; }

    /// <summary>Gets the strong share at the evaluation's threshold.</summary>
    public required double StrongShare { get; init; }

    public required double QualityRetained { get; init; }

    public required double CostSaved { get; init; }
}
