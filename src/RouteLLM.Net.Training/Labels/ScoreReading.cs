namespace RouteLLM.Training;

/// <summary>What two scores of one prompt say about who wins.</summary>
public enum ScoreReading
{
    /// <summary>The higher score wins, for certain. For scores that are right or wrong, or that are precise.</summary>
    Outcome,

    /// <summary>The difference of the scores is the probability that the higher one wins; the rest is the probability of a tie. For graded scores in [0, 1], of which a small difference says little.</summary>
    Difference,
}
