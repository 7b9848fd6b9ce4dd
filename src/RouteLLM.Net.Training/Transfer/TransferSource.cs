using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>A line of the leave-one-source-out table: what becomes of a source when nothing of it was trained on.</summary>
public sealed record TransferSource
{
    /// <summary>Gets the source's name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets how many rows of it were tested on, by the measure of the scores.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets how a router does that was trained on all sources, this one too, but never on the rows it is tested on; <see langword="null"/> if no row of the source may be trained on.</summary>
    public TransferScore? InDomain { get; init; }

    /// <summary>Gets how a router does that was trained on all other sources.</summary>
    public required TransferScore LeftOut { get; init; }

    /// <summary>Gets <see cref="LeftOut"/> less <see cref="InDomain"/>, with a paired bootstrap interval: what leaving the source out costs; <see langword="null"/> if there is nothing to compare with.</summary>
    public PairedDifference? Difference { get; init; }
}
