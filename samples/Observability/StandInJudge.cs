namespace RouteLLM.Samples.Observability;

/// <summary>Stands in for a judge, such as a chat model that grades: it likes what the big model says, and what the small one says to short prompts.</summary>
internal static class StandInJudge
{
    public static ValueTask<double> JudgeAsync(RouteRecord record, CancellationToken cancellationToken) =>
        new(record.Response!.Text.Contains("big", StringComparison.Ordinal) ? 0.9 : record.Request.Prompt.Length < 60 ? 0.85 : 0.5);
}
