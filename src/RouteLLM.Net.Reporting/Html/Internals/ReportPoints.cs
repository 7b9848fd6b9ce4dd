namespace RouteLLM.Reporting;

/// <summary>The places of the slider, from all weak to all strong: arrays of the same length.</summary>
internal sealed record ReportPoints(double[] Thresholds, double[] StrongShares, double[] Qualities, double[] Costs);
