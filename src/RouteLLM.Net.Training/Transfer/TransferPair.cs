namespace RouteLLM.Training;

/// <summary>A cell of the train-here-test-there table.</summary>
/// <param name="TrainedOn">The only source that was trained on.</param>
/// <param name="TestedOn">The source that was tested on; if it is the same, the rows tested on were held out (cross-validation).</param>
/// <param name="Score">How the router does there.</param>
public sealed record TransferPair(string TrainedOn, string TestedOn, TransferScore Score);
