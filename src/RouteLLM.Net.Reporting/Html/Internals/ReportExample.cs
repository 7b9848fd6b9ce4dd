namespace RouteLLM.Reporting;

/// <summary>An example prompt.</summary>
internal sealed record ReportExample(double WinProbability, string Id, string Source, double StrongScore, double WeakScore, double Rating, string Text, int Length);
