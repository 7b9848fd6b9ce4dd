namespace RouteLLM.Training;

/// <summary>What a plan needs of one model, or of the scorer.</summary>
/// <param name="Name">The model's or the scorer's name.</param>
/// <param name="Total">How many answers or judgements there will be.</param>
/// <param name="Missing">How many of them are not in the journal yet.</param>
/// <param name="EstimatedUsd">What the missing ones will cost, in USD, or <see langword="null"/> if the price is not known.</param>
public sealed record CollectionPlanPart(string Name, int Total, int Missing, decimal? EstimatedUsd);
