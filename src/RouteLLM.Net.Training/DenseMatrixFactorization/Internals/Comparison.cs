namespace RouteLLM.Training;

/// <summary>A <see cref="PairOutcome"/> with models as indices and ties handled; <see cref="SecondWins"/> is NaN where it is not known.</summary>
internal readonly record struct Comparison(int First, int Second, double FirstWins, double SecondWins, double Weight);
