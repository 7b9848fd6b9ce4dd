namespace RouteLLM;

/// <summary>One prompt answered by two models, and whose answer was better.</summary>
/// <param name="ModelA">The model listed first.</param>
/// <param name="ModelB">The model listed second.</param>
/// <param name="Winner">Who won.</param>
/// <param name="Prompt">The prompt, or <see langword="null"/> if it is not known.</param>
public sealed record Battle(string ModelA, string ModelB, BattleWinner Winner, string? Prompt = null)
{
    /// <summary>Makes a battle of two scores: the higher one wins, equal ones tie.</summary>
    /// <param name="modelA">The model listed first.</param>
    /// <param name="scoreA">The score of its answer.</param>
    /// <param name="modelB">The model listed second.</param>
    /// <param name="scoreB">The score of its answer.</param>
    /// <param name="prompt">The prompt, or <see langword="null"/>.</param>
    /// <returns>The battle.</returns>
    /// <exception cref="ArgumentException">A score is NaN.</exception>
    public static Battle FromScores(string modelA, double scoreA, string modelB, double scoreB, string? prompt = null)
    {
        if (double.IsNaN(scoreA) || double.IsNaN(scoreB))
        {
            throw new ArgumentException($"The scores of {modelA} and {modelB} are {scoreA} and {scoreB}; a battle needs both.");
        }

        return new Battle(modelA, modelB, scoreA > scoreB ? BattleWinner.ModelA : scoreA < scoreB ? BattleWinner.ModelB : BattleWinner.Tie, prompt);
    }
}
