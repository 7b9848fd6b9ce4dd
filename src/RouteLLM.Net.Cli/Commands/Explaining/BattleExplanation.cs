using System.Globalization;

namespace RouteLLM.Cli.Commands.Explaining;

/// <summary>Shows which battles a score was made of.</summary>
internal static class BattleExplanation
{
    public static void Show(string prompt, double probability, IReadOnlyList<NearestBattle> nearest, Terminal terminal)
    {
        var sums = ResultTable.OfProperties();
        sums.Add("prompt", prompt);
        sums.Add("win probability", probability.ToString("0.0000", CultureInfo.InvariantCulture));
        terminal.Write(sums);
        var table = ResultTable.Of("#similarity", "#share", "winner", "battle", "prompt");
        foreach (NearestBattle near in nearest)
        {
            Battle battle = near.Battle;
            table.Add(
                near.Similarity.ToString("0.000", CultureInfo.InvariantCulture), near.Weight.ToString("0.0000", CultureInfo.InvariantCulture), WinnerOf(battle), $"{battle.ModelA} - {battle.ModelB}", battle.Prompt ?? $"(row {near.Row})");
        }

        terminal.Write(table);
    }

    public static object ContentsOf(string prompt, double probability, IReadOnlyList<NearestBattle> nearest) => new Contents(
        prompt,
        probability,
        [.. nearest.Select(static near => new Neighbor(near.Similarity, near.Weight, near.Row, near.Battle.ModelA, near.Battle.ModelB, WinnerOf(near.Battle), near.Battle.Prompt))]);

    private static string WinnerOf(Battle battle) => battle.Winner switch
    {
        BattleWinner.ModelA => battle.ModelA,
        BattleWinner.ModelB => battle.ModelB,
        _ => "tie",
    };

    private sealed record Contents(string Prompt, double WinProbability, IReadOnlyList<Neighbor> Neighbors);

    private sealed record Neighbor(double Similarity, double Share, int? Row, string ModelA, string ModelB, string Winner, string? Prompt);
}
