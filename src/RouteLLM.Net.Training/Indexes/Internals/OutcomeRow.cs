namespace RouteLLM.Training;

/// <summary>A row of a file of battles or scores.</summary>
/// <param name="Line">Its line or row, from 1.</param>
/// <param name="Prompt">Its prompt, or <see langword="null"/>.</param>
/// <param name="Battle">Its battle, or <see langword="null"/> if it has scores.</param>
/// <param name="Scores">Its scores, or <see langword="null"/> if it is a battle.</param>
internal sealed record OutcomeRow(int Line, string? Prompt, Battle? Battle, IReadOnlyDictionary<string, double>? Scores = null)
{
    /// <summary>Makes the row of a battle.</summary>
    /// <exception cref="FormatException">The winner is none that there is.</exception>
    public static OutcomeRow Of(int line, string modelA, string modelB, string winner, string? prompt) => new(line, prompt, new Battle(modelA, modelB, winner switch
    {
        "model_a" => BattleWinner.ModelA,
        "model_b" => BattleWinner.ModelB,
        "tie" or "tie (bothbad)" => BattleWinner.Tie,
        _ => throw new FormatException($"the winner is \"{winner}\"; expected model_a, model_b, tie or tie (bothbad)."),
    }, prompt));

    /// <summary>Makes the row of a battle in Chatbot Arena's form, as RouteLLM's <c>preprocess_battles</c> reads it.</summary>
    /// <exception cref="FormatException">The prompt is no list of turns.</exception>
    public static OutcomeRow OfArena(int line, string modelA, string modelB, long aWon, long bWon, string? turns)
    {
        string? prompt = turns is null ? null : PromptText.FirstTurn(turns);
        return new OutcomeRow(line, prompt, new Battle(modelA, modelB, aWon == 1 ? BattleWinner.ModelA : bWon == 1 ? BattleWinner.ModelB : BattleWinner.Tie, prompt));
    }
}
