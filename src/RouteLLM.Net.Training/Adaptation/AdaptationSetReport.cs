namespace RouteLLM.Training;

/// <summary>What adapting did to one of the sets.</summary>
/// <param name="Name">The set's name.</param>
/// <param name="Rows">The number of rows.</param>
/// <param name="Weight">The set's weight.</param>
/// <param name="IsReplay">Whether the rows are from what the router was made for.</param>
/// <param name="LogLossBefore">The original's log loss, in nats.</param>
/// <param name="LogLossAfter">The held-out log loss after adapting.</param>
public sealed record AdaptationSetReport(string Name, int Rows, double Weight, bool IsReplay, double LogLossBefore, double LogLossAfter);
