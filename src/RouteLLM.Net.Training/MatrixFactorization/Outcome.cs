namespace RouteLLM.Training;

/// <summary>A <see cref="PairOutcome"/> with models as indices; <see cref="SecondWins"/> is NaN where it is not known.</summary>
internal readonly record struct Outcome(int First, int Second, double FirstWins, double SecondWins, double Weight);
