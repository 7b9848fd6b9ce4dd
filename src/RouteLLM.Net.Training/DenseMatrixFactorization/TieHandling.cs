namespace RouteLLM.Training;

/// <summary>What ties say to a <see cref="DenseMatrixFactorizationTrainer"/>, and with that what the trained router's probability means.</summary>
public enum TieHandling
{
    /// <summary>
    /// Ties take a margin, which is learned (Rao and Kupper, "Ties in Paired-Comparison Experiments", 1967): the probability is that of a clear win, as with the built-in router, so that thresholds mean the same.
    /// </summary>
    Margin,

    /// <summary>A tie is half a win of each: the probability is P(win) + P(tie) / 2, and prompts that both answer equally well get 1/2.</summary>
    HalfWin,

    /// <summary>Ties are left out, as in RouteLLM's own training: the probability is that of a win given that one of the two wins.</summary>
    Drop,
}
