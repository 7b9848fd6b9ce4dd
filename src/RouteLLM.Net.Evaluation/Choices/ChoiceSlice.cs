namespace RouteLLM.Evaluation;

/// <summary>What choosing a model for every prompt comes to, on some of the rows.</summary>
public sealed record ChoiceSlice
{
    /// <summary>Gets the slice's name; <c>overall</c> for all rows.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many rows there are.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the mean score of the answers given.</summary>
    public required double Quality { get; init; }

    /// <summary>Gets the bootstrap interval of <see cref="Quality"/>.</summary>
    public required BootstrapInterval QualityInterval { get; init; }

    /// <summary>Gets the mean cost of an answer in USD, or <see langword="null"/> if it is not known of every row.</summary>
    public double? Cost { get; init; }

    /// <summary>Gets the mean latency of an answer in milliseconds, or <see langword="null"/> if it is not known of every row.</summary>
    public double? Latency { get; init; }

    /// <summary>Gets what each model does alone, in the order of the models.</summary>
    public required IReadOnlyList<ModelOutcome> Models { get; init; }

    /// <summary>Gets the best single model: of equally good ones the cheapest, as far as costs are known.</summary>
    public required ModelOutcome BestModel { get; init; }

    /// <summary>Gets the quality as a part of the best single model's, on the scale as it is; NaN if that is 0.</summary>
    public double QualityRetained => BestModel.Quality == 0 ? double.NaN : Quality / BestModel.Quality;

    /// <summary>Gets which part is saved of what the best single model costs; <see langword="null"/> if costs are not known, NaN if it costs nothing.</summary>
    public double? CostSaved => Cost is not { } cost || BestModel.Cost is not { } best ? null : best == 0 ? double.NaN : 1 - (cost / best);

    /// <summary>Gets the share of prompts sent to a model that scored best on them (top-1 agreement).</summary>
    public required double BestModelShare { get; init; }

    /// <summary>Gets the mean score of each prompt's best answer, the most that any choice can reach.</summary>
    public required double OracleQuality { get; init; }

    /// <summary>Gets the mean cost in USD of each prompt's best answer, the cheapest of equally good ones; <see langword="null"/> if it is not known.</summary>
    public double? OracleCost { get; init; }

    /// <summary>Gets the mean score of choosing at random.</summary>
    public double RandomQuality => Models.Average(static model => model.Quality);

    /// <summary>Gets the mean cost in USD of choosing at random, or <see langword="null"/> if it is not known.</summary>
    public double? RandomCost => Models.Any(static model => model.Cost is null) ? null : Models.Average(static model => model.Cost);
}
