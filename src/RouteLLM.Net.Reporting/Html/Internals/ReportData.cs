namespace RouteLLM.Reporting;

/// <summary>What the page shows. Numbers that are not defined are NaN here and null there.</summary>
internal sealed record ReportData
{
    public required string Title { get; init; }

    public required string Description { get; init; }

    public required string CreatedAt { get; init; }

    public required string StrongModel { get; init; }

    public required string WeakModel { get; init; }

    public required string Scale { get; init; }

    public required double Confidence { get; init; }

    /// <summary>Gets a value indicating whether costs of all scored rows are known.</summary>
    public required bool HasCosts { get; init; }

    /// <summary>Gets what is the same for all routers: rows, qualities and costs of both models.</summary>
    public required ReportRow Overall { get; init; }

    /// <summary>Gets the corners of the oracle's curve.</summary>
    public required IReadOnlyList<double[]> Oracle { get; init; }

    public required IReadOnlyList<ReportRouter> Routers { get; init; }

    public required IReadOnlyList<ReportDifference> Differences { get; init; }
}
