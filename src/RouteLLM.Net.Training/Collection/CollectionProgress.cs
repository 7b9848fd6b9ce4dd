namespace RouteLLM.Training;

/// <summary>How far a collection has come. What the journal held before counts as done.</summary>
/// <param name="AnswersDone">The answers that there are.</param>
/// <param name="AnswersTotal">The answers that there will be.</param>
/// <param name="JudgementsDone">The scores that there are.</param>
/// <param name="JudgementsTotal">The scores that there will be.</param>
/// <param name="Failed">The answers and scores that failed in this run.</param>
/// <param name="Spent">What this run has cost so far.</param>
/// <param name="EstimatedUsd">What this run was estimated to cost, in USD, without models whose price is not known.</param>
public sealed record CollectionProgress(int AnswersDone, int AnswersTotal, int JudgementsDone, int JudgementsTotal, int Failed, CallCost Spent, decimal EstimatedUsd);
