namespace RouteLLM.Training;

/// <summary>One router of a fitted mixture.</summary>
/// <param name="Name">The router's name.</param>
/// <param name="Weight">The weight that was fitted.</param>
/// <param name="LogLoss">The router's own log loss on all rows, in nats, with its scores as they are (clamped as in the mixture).</param>
public sealed record TrainedMixturePart(string Name, double Weight, double LogLoss);
