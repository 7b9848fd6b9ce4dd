namespace RouteLLM.Training;

/// <summary>How far the training of a linear model has come.</summary>
/// <param name="Done">How many fits are done.</param>
/// <param name="Total">How many there are: one for each penalty, part held out and model, and the last ones on all rows.</param>
public readonly record struct LinearTrainingProgress(int Done, int Total);
