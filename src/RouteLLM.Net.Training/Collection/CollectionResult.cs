namespace RouteLLM.Training;

/// <summary>What a collection brought.</summary>
/// <param name="Rows">One row a prompt, in the prompts' order, with the scores that there are; <see cref="SampledRow.Row"/> is the row of the training file.</param>
/// <param name="Failures">What failed in this run, by prompt; partial rows are kept, and a later run tries only what is missing.</param>
/// <param name="Missing">How many answers and scores are missing still: failed, or not tried because of the spending cap.</param>
/// <param name="CapReached">Whether the spending cap kept something from being asked.</param>
/// <param name="Spent">What this run cost.</param>
/// <param name="SpentInAll">What the journal records, with earlier runs.</param>
public sealed record CollectionResult(
    IReadOnlyList<SampledRow> Rows, IReadOnlyList<CollectionFailure> Failures, int Missing, bool CapReached, CallCost Spent, CallCost SpentInAll);
