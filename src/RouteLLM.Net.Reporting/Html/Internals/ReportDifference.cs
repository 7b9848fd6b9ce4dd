namespace RouteLLM.Reporting;

/// <summary>By how much a router differs from the first one.</summary>
internal sealed record ReportDifference(string Router, string Metric, double Value, double Reference, double Difference, double Low, double High, double PValue);
