namespace RouteLLM.Training;

/// <summary>How two models did on one prompt.</summary>
/// <param name="First">The first model's name.</param>
/// <param name="Second">The second model's name.</param>
/// <param name="FirstWins">How likely it is that the first model's answer is clearly better, in [0, 1]; 1 or 0 for an observed outcome.</param>
/// <param name="SecondWins">
/// How likely it is that the second model's answer is clearly better, in [0, 1 - <paramref name="FirstWins"/>]; what is left is the probability of a tie.
/// <see langword="null"/> if it is not known whether the first model would tie or lose when it does not win.
/// </param>
/// <param name="Weight">How much the outcome counts, at least 0; 1 by default.</param>
public readonly record struct PairOutcome(string First, string Second, double FirstWins, double? SecondWins, double Weight = 1);
