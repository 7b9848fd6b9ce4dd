using System.Globalization;
using System.Text.Json;
using RouteLLM.Tests.Battles;

namespace RouteLLM.Tests.SimilarityWeighted;

/// <summary>The numbers of RouteLLM's own code, its fits solved to the maximum.</summary>
public class SimilarityWeightedGoldenTests
{
    private static readonly JsonElement s_expected = Golden.Read("expected.json");

    [Fact]
    public void All_win_rates_are_the_references()
    {
        using BattleIndex index = Golden.Index();
        Dictionary<(int Tiers, string Strong, string Weak), SimilarityWeightedRouter> routers = [];
        int cases = 0;
        foreach (JsonElement entry in s_expected.GetProperty("queries").EnumerateArray())
        {
            (int Tiers, string Strong, string Weak) key = (entry.GetProperty("num_tiers").GetInt32(), entry.GetProperty("strong").GetString()!, entry.GetProperty("weak").GetString()!);
            if (!routers.TryGetValue(key, out SimilarityWeightedRouter? router))
            {
                routers[key] = router = new SimilarityWeightedRouter(index, key.Strong, key.Weak, FakeEmbeddingGenerator.None, new SimilarityWeightedOptions { TierCount = key.Tiers });
            }

            double actual = router.PredictWinProbability(Golden.Queries[entry.GetProperty("query").GetInt32()]);
            Assert.Equal(entry.GetProperty("win_rate_exact").GetDouble(), actual, 1e-9);
            Assert.Equal(entry.GetProperty("win_rate").GetDouble(), actual, 1e-3);
            cases++;
        }

        Assert.Equal(120, cases);
    }

    [Fact]
    public void Weights_are_the_references()
    {
        using BattleIndex index = Golden.Index();
        foreach (JsonElement entry in s_expected.GetProperty("weightings").EnumerateArray())
        {
            double[] weights = new double[index.Count];
            index.ComputeSimilarities(Golden.Queries[entry.GetProperty("query").GetInt32()], weights);
            Assert.Equal(entry.GetProperty("max_similarity").GetDouble(), weights.Max(), 1e-14);
            double[] similarities = Numbers(entry, "similarities_first_5");
            Assert.All(similarities, (similarity, i) => Assert.Equal(similarity, weights[i], 1e-14));
            SimilarityWeights.Exponential(weights);
            Assert.All(Numbers(entry, "weightings_first_5"), (weight, i) => Assert.Equal(weight, weights[i], 1e-11));
            Assert.Equal(entry.GetProperty("weightings_sum").GetDouble(), weights.Sum(), 1e-7);
        }
    }

    [Fact]
    public void Weights_are_the_references_where_a_similarity_is_positive_and_equal_where_none_is()
    {
        foreach (JsonElement entry in s_expected.GetProperty("weightings_edge").EnumerateArray())
        {
            double[] weights = Numbers(entry, "similarities");
            double[] expected = weights.Max() > 0 ? Numbers(entry, "weightings") : [.. weights.Select(static _ => 1.0)];
            SimilarityWeights.Exponential(weights);
            Assert.All(expected, (weight, i) => Assert.Equal(weight, weights[i], 1e-12));
        }
    }

    [Theory]
    [InlineData("elo", "tiers", false)]
    [InlineData("elo_without_llama_2_70b_chat", "tiers_without_llama_2_70b_chat", true)]
    public void Ratings_and_tiers_are_the_references(string ratingsName, string tiersName, bool leaveOut)
    {
        IReadOnlyDictionary<string, double> ratings = BattleRatings.Fit(Enumerable.Range(0, Golden.Battles.Count).Select(Golden.BattleAt)
            .Where(battle => !leaveOut || (battle.ModelA != "llama-2-70b-chat" && battle.ModelB != "llama-2-70b-chat")));
        double shift = leaveOut ? 0 : 1082 - ratings["llama-2-70b-chat"];
        foreach (JsonProperty rating in s_expected.GetProperty(ratingsName).GetProperty("elo_exact").EnumerateObject())
        {
            Assert.Equal(rating.Value.GetDouble(), ratings[rating.Name] + shift, 1e-6);
        }

        foreach (JsonProperty count in s_expected.GetProperty(tiersName).EnumerateObject())
        {
            var tiers = new TierModel(ratings, int.Parse(count.Name, CultureInfo.InvariantCulture));
            Assert.All(count.Value.EnumerateObject(), tier => Assert.Equal(tier.Value.GetInt32(), tiers.TierOf(tier.Name)));
        }
    }

    [Fact]
    public void Ratings_of_tiers_and_battles_within_tiers_are_the_references()
    {
        IReadOnlyDictionary<string, double> ratings = Golden.Index().FitRatings();
        foreach (JsonProperty count in s_expected.GetProperty("tier_elo").EnumerateObject())
        {
            var tiers = new TierModel(ratings, int.Parse(count.Name, CultureInfo.InvariantCulture));
            Battle[] battles = [.. Enumerable.Range(0, Golden.Battles.Count).Select(Golden.BattleAt)];
            int[] cells = [.. battles.Select(battle => tiers.CellOf(tiers.TierOf(battle.ModelA), tiers.TierOf(battle.ModelB), battle.Winner))];
            double[] fit = tiers.Fit(cells, [.. battles.Select(static _ => 1.0)]);
            Assert.All(count.Value.GetProperty("elo_exact").EnumerateObject(), tier => Assert.Equal(tier.Value.GetDouble(), fit[int.Parse(tier.Name, CultureInfo.InvariantCulture)], 1e-6));
            int inner = battles.Count(battle => tiers.TierOf(battle.ModelA) == tiers.TierOf(battle.ModelB));
            Assert.Equal(s_expected.GetProperty("same_tier_battles").GetProperty(count.Name).GetInt32(), inner);
        }
    }

    [Theory]
    [InlineData(10, 3.5e-4)]
    [InlineData(4, 2.3e-2)]
    public void Leaving_out_battles_within_tiers_changes_win_rates_by_at_most_what_the_reference_data_says(int tierCount, double most)
    {
        using BattleIndex index = Golden.Index();
        double largest = 0;
        foreach (JsonElement entry in s_expected.GetProperty("queries").EnumerateArray().Where(entry => entry.GetProperty("num_tiers").GetInt32() == tierCount))
        {
            var without = new SimilarityWeightedRouter(
                index, entry.GetProperty("strong").GetString()!, entry.GetProperty("weak").GetString()!, FakeEmbeddingGenerator.None, new() { TierCount = tierCount, IncludeBattlesWithinTier = false });
            double actual = without.PredictWinProbability(Golden.Queries[entry.GetProperty("query").GetInt32()]);
            largest = Math.Max(largest, Math.Abs(actual - entry.GetProperty("win_rate_exact").GetDouble()));
        }

        // The reference data gives the largest difference to two digits.
        Assert.Equal(most, largest, most / 50);
    }

    private static double[] Numbers(JsonElement entry, string name) => [.. entry.GetProperty(name).EnumerateArray().Select(static number => number.ValueKind == JsonValueKind.String ? double.NaN : number.GetDouble())];
}
