namespace RouteLLM.Evaluation;

/// <summary>What is known of one model's answer to a request; NaN where it is not.</summary>
/// <param name="Cost">USD.</param>
/// <param name="IsCostMeasured">Whether the cost is known, and not worked out from tokens and prices.</param>
/// <param name="Latency">Milliseconds.</param>
/// <param name="Quality">The score or reward.</param>
internal readonly record struct AnswerFigures(double Cost, bool IsCostMeasured, double Latency, double Quality)
{
    public static AnswerFigures Unknown { get; } = new(double.NaN, false, double.NaN, double.NaN);
}
