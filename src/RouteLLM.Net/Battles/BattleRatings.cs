namespace RouteLLM;

/// <summary>Elo ratings of models from battles.</summary>
public static class BattleRatings
{
    /// <summary>Fits a Bradley-Terry model by maximum likelihood, a tie counting as one win for each side beside the two of a decisive battle.</summary>
    /// <param name="battles">The battles, read once.</param>
    /// <returns>
    /// The ratings by the models' names: P(a beats b) = 1 / (1 + 10^((b - a) / 400)). Their mean is 1000 (in each set of models that battles connect, if there are several); who only won
    /// or only lost has no finite rating and is given one at most 4000 from that.
    /// </returns>
    /// <remarks>The ratings of RouteLLM's <c>compute_elo_mle_with_tie</c> up to a constant: that fixes <c>llama-2-70b-chat</c> at 1082.</remarks>
    public static IReadOnlyDictionary<string, double> Fit(IEnumerable<Battle> battles)
    {
        ArgumentNullException.ThrowIfNull(battles);
        var counts = new BattleCounts();
        foreach (Battle battle in battles)
        {
            counts.Add(battle.ModelA, battle.ModelB, battle.Winner);
        }

        return counts.Fit();
    }
}
