using System.Text.Json;

namespace RouteLLM.Tests.SimilarityWeighted;

public class BradleyTerryTests
{
    [Fact]
    public void Tiers_are_the_references()
    {
        foreach (JsonElement entry in Golden.Read("tiers.json").EnumerateArray())
        {
            double[] ratings = [.. entry.GetProperty("ratings").EnumerateArray().Select(static rating => rating.GetDouble())];
            int[] expected = [.. entry.GetProperty("tiers").EnumerateArray().Select(static tier => tier.GetInt32())];
            Assert.Equal(expected, ModelTiers.Assign(ratings, entry.GetProperty("num_tiers").GetInt32()));
        }
    }

    [Fact]
    public void Small_fits_are_the_references_exact_ones()
    {
        foreach (JsonElement entry in Golden.Read("small.json").EnumerateArray())
        {
            var battles = entry.GetProperty("battles").EnumerateArray().Select(static battle => (A: battle[0].ToString(), B: battle[1].ToString(), Winner: battle[2].GetString()!)).ToList();
            double[]? weights = entry.GetProperty("weights") is { ValueKind: JsonValueKind.Array } given ? [.. given.EnumerateArray().Select(static weight => weight.GetDouble())] : null;
            if (!entry.TryGetProperty("elo_exact", out JsonElement expected))
            {
                continue;
            }

            IReadOnlyDictionary<string, double> fit = Fit(battles, weights);
            foreach (JsonProperty rating in expected.EnumerateObject())
            {
                Assert.Equal(rating.Value.GetDouble(), fit[rating.Name], 1e-6);
            }
        }
    }

    [Fact]
    public void The_fit_of_all_battles_is_the_references_exact_one()
    {
        IReadOnlyDictionary<string, double> fit = Fit(Golden.Battles, weights: null);
        double shift = 1082 - fit["llama-2-70b-chat"];
        foreach (JsonProperty rating in Golden.Read("expected.json").GetProperty("elo").GetProperty("elo_exact").EnumerateObject())
        {
            Assert.Equal(rating.Value.GetDouble(), fit[rating.Name] + shift, 1e-6);
        }
    }

    private static Dictionary<string, double> Fit(IReadOnlyList<(string A, string B, string Winner)> battles, double[]? weights)
    {
        string[] names = [.. battles.SelectMany(static battle => new[] { battle.A, battle.B }).Distinct()];
        var model = new BradleyTerry(names.Length);
        for (int i = 0; i < battles.Count; i++)
        {
            (string a, string b, string winner) = battles[i];
            int indexA = Array.IndexOf(names, a), indexB = Array.IndexOf(names, b);
            double weight = weights?[i] ?? 1;
            bool tie = winner.StartsWith("tie", StringComparison.Ordinal);
            double winsA = tie ? weight : winner == "model_a" ? 2 * weight : 0;
            double winsB = (2 * weight) - winsA;
            if (indexA == indexB)
            {
                model.AddInner(indexA, asA: true, winsA);
                model.AddInner(indexA, asA: false, winsB);
            }
            else
            {
                model.AddWin(indexA, indexB, winsA);
                model.AddWin(indexB, indexA, winsB);
            }
        }

        double[] ratings = model.Fit();
        return names.Select((name, i) => (name, ratings[i])).ToDictionary();
    }
}
