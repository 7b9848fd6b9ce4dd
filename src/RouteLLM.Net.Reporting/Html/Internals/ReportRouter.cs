namespace RouteLLM.Reporting;

/// <summary>A router in the report.</summary>
internal sealed record ReportRouter
{
    public required string Name { get; init; }

    public required string? Fingerprint { get; init; }

    /// <summary>Gets the evaluation's threshold.</summary>
    public required double Threshold { get; init; }

    /// <summary>Gets the index of the slider's place at that threshold.</summary>
    public required int Start { get; init; }

    public required ReportPoints Points { get; init; }

    /// <summary>Gets the band around the curve: strong share, low and high.</summary>
    public required IReadOnlyList<double[]> Band { get; init; }

    public required ScoreHistogram Histogram { get; init; }

    public required double CalibrationError { get; init; }

    public required IReadOnlyList<ReliabilityPoint> Reliability { get; init; }

    /// <summary>Gets all rows, then the slices.</summary>
    public required IReadOnlyList<ReportRow> Slices { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Gets the example prompts, from the lowest win probability to the highest.</summary>
    public required IReadOnlyList<ReportExample> Examples { get; init; }
}
