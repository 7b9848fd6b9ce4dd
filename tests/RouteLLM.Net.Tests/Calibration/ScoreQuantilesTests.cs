using System.Runtime.InteropServices;
using System.Text.Json;
using CsCheck;

namespace RouteLLM.Tests.Calibration;

public class ScoreQuantilesTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Calibration", "golden");

    [Fact]
    public void Thresholds_for_a_share_are_the_references_to_the_last_bit()
    {
        JsonElement expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;
        int compared = 0;
        foreach (JsonElement entry in expected.GetProperty("arrays").EnumerateArray().Concat(expected.GetProperty("small").EnumerateArray()))
        {
            double[] scores = entry.TryGetProperty("scores", out JsonElement given)
                ? [.. given.EnumerateArray().Select(static score => score.GetDouble())]
                : ReadNpy(Path.Combine(Folder, entry.GetProperty("name").GetString() + ".npy"));
            foreach (JsonElement threshold in entry.GetProperty("thresholds").EnumerateArray())
            {
                double share = threshold.GetProperty("strong_pct").GetDouble();
                if (scores.Length == 0)
                {
                    Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForStrongShare(scores, share));
                    continue;
                }

                double found = ThresholdCalibrator.ForStrongShare(scores, share);
                Assert.Equal(threshold.GetProperty("threshold").GetDouble(), found);
                Assert.Equal(threshold.GetProperty("strong_fraction_at_threshold").GetDouble(), scores.Count(score => score >= found) / (double)scores.Length, 12);
                compared++;
            }
        }

        Assert.True(compared > 50);
    }

    [Fact]
    public void A_share_of_the_scores_is_at_or_above_its_threshold_and_ties_add_to_it() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[200, 2000], Gen.Double[0.01, 0.99], Gen.Bool).Sample((seed, count, share, ties) =>
        {
            var random = new Random(seed);
            double[] scores = [.. Enumerable.Range(0, count).Select(_ => ties ? random.Next(10) / 10.0 : random.NextDouble())];
            double threshold = ScoreQuantiles.FromScores(scores).ThresholdForStrongShare(share);
            double reached = scores.Count(score => score >= threshold) / (double)count;
            Assert.InRange(reached, share - 0.02, ties ? 1 : share + 0.02);
        });

    [Fact]
    public void None_and_all_are_none_and_all()
    {
        ScoreQuantiles quantiles = ScoreQuantiles.FromScores([0.2, 0.9, double.NaN, 0.4]);
        Assert.Equal(double.PositiveInfinity, quantiles.ThresholdForStrongShare(0));
        Assert.Equal(0, quantiles.ThresholdForStrongShare(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => quantiles.ThresholdForStrongShare(1.1));
        Assert.Throws<ArgumentException>(() => ScoreQuantiles.FromScores([double.NaN]));
        Assert.Throws<ArgumentException>(() => new ScoreQuantiles([0.5]));
        Assert.Throws<ArgumentException>(() => new ScoreQuantiles([0.5, 0.4]));
    }

    /// <summary>Reads a NumPy file of doubles, format 1.0, little-endian.</summary>
    private static double[] ReadNpy(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        int header = BitConverter.ToUInt16(bytes, 8);
        return MemoryMarshal.Cast<byte, double>(bytes.AsSpan(10 + header)).ToArray();
    }
}
