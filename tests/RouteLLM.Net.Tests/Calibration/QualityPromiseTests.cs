namespace RouteLLM.Tests.Calibration;

/// <summary>Whether "keep 95% of the quality with 95% confidence" is kept, on traffic whose true quality at every threshold is known.</summary>
public class QualityPromiseTests
{
    private const int Draws = 1000;
    private const double Quality = 0.95, Confidence = 0.95;

    public static TheoryData<string, int, double> Traffics() => new()
    {
        // The traffic, how many rows are drawn, and the strong share that the promise may cost at most on average.
        { "router knows", 1000, 0.42 },
        { "router knows", 300, 0.51 },
        { "rare disasters", 1000, 0.5 },
        { "hopeless", 1000, 0.98 },
        { "graded", 1000, 0.32 },
        { "sorted by score", 1000, 0.42 },
    };

    [Theory]
    [MemberData(nameof(Traffics))]
    public void The_promise_holds_in_93_of_100_draws_and_is_worth_something(string name, int rows, double mostShare)
    {
        Traffic traffic = Traffic.Named(name);
        double oracle = traffic.Oracle(Quality);
        int kept = 0;
        double share = 0;
        for (int seed = 0; seed < Draws; seed++)
        {
            (double[] scores, double[] strong, double[] weak) = traffic.Draw(rows, seed, isSorted: name == "sorted by score");
            double threshold = ThresholdCalibrator.ForQuality(scores, strong, weak, Quality, Confidence);
            kept += traffic.Keeps(Quality, threshold) ? 1 : 0;
            share += traffic.StrongShare(threshold) / Draws;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{name}, {rows} rows: kept in {kept} of {Draws} draws, mean strong share {share:0.000}, oracle {traffic.StrongShare(oracle):0.000}");
        Assert.True(kept >= 0.93 * Draws, $"The promise held in {kept} of {Draws} draws.");
        Assert.True(share <= mostShare, $"The mean strong share is {share:0.000}; the oracle's is {traffic.StrongShare(oracle):0.000}.");
    }

    [Fact]
    public void More_rows_cost_less_strong_share_and_more_quality_or_confidence_more()
    {
        (double[] scores, double[] strong, double[] weak) = Traffic.Named("router knows").Draw(4000, seed: 7, isSorted: false);
        double all = ThresholdCalibrator.ForQuality(scores, strong, weak, Quality, Confidence);

        Assert.True(ThresholdCalibrator.ForQuality(scores.AsSpan(0, 300), strong.AsSpan(0, 300), weak.AsSpan(0, 300), Quality, Confidence) < all);
        Assert.True(ThresholdCalibrator.ForQuality(scores, strong, weak, 0.98, Confidence) < all);
        Assert.True(ThresholdCalibrator.ForQuality(scores, strong, weak, Quality, 0.999) <= all);
        Assert.True(ThresholdCalibrator.ForQuality(scores, strong, weak, 0.9, Confidence) > all);
    }

    [Fact]
    public void The_scale_of_the_scores_does_not_matter()
    {
        (double[] scores, double[] strong, double[] weak) = Traffic.Named("graded").Draw(1000, seed: 3, isSorted: false);
        Assert.Equal(
            ThresholdCalibrator.ForQuality(scores, strong, weak, Quality),
            ThresholdCalibrator.ForQuality(scores, Array.ConvertAll(strong, static score => score * 8), Array.ConvertAll(weak, static score => score * 8), Quality, best: 8));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(60)]
    public void Few_rows_promise_nothing_but_always_strong(int rows)
    {
        double[] scores = [.. Enumerable.Range(0, rows).Select(i => (i + 0.5) / rows)];
        double[] ones = [.. Enumerable.Repeat(1.0, rows)];
        Assert.Equal(0, ThresholdCalibrator.ForQuality(scores, ones, ones, Quality, Confidence));
    }

    [Fact]
    public void Degenerate_rows_have_an_answer()
    {
        double[] ones = [.. Enumerable.Repeat(1.0, 400)], zeros = new double[400], half = [.. Enumerable.Repeat(0.5, 400)];
        double[] scores = [.. Enumerable.Range(0, 400).Select(static i => i / 399.0)];

        // Ties everywhere, and a weak model that is better: the weak model alone.
        Assert.Equal(double.PositiveInfinity, ThresholdCalibrator.ForQuality(scores, ones, ones, Quality));
        Assert.Equal(double.PositiveInfinity, ThresholdCalibrator.ForQuality(scores, half, ones, Quality));

        // Nothing is to be lost where both are always wrong, but nothing shows it either.
        Assert.Equal(0, ThresholdCalibrator.ForQuality(scores, zeros, zeros, Quality));

        // A weak model that is always wrong, and equal win probabilities, which leave all or nothing.
        Assert.Equal(0, ThresholdCalibrator.ForQuality(scores, ones, zeros, 1));
        Assert.True(ThresholdCalibrator.ForQuality(scores, ones, zeros, Quality) < 0.05);
        Assert.Equal(0, ThresholdCalibrator.ForQuality(half, ones, zeros, Quality));
        Assert.Equal(double.PositiveInfinity, ThresholdCalibrator.ForQuality(half, ones, ones, Quality));
    }

    [Fact]
    public void Wrong_rows_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([], [], [], Quality));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([double.NaN], [1], [1], Quality));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([0.5], [double.NaN], [1], Quality));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([0.5], [1], [1.1], Quality));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([0.5], [-0.1], [1], Quality));
        Assert.Throws<ArgumentException>(() => ThresholdCalibrator.ForQuality([0.5], [1, 1], [1], Quality));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdCalibrator.ForQuality([0.5], [1], [1], 95));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdCalibrator.ForQuality([0.5], [1], [1], Quality, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => ThresholdCalibrator.ForQuality([0.5], [1], [1], Quality, best: double.NaN));
    }

    /// <summary>Traffic of 128 kinds of requests, equally frequent, each with a win probability and known chances of four pairs of scores.</summary>
    private sealed class Traffic(Func<double, (double Strong, double Weak, double Chance)[]> outcomes)
    {
        private const int Kinds = 128;

        private readonly (double Score, (double Strong, double Weak, double Chance)[] Outcomes)[] _kinds =
            [.. Enumerable.Range(0, Kinds).Select(static i => Math.Pow((i + 0.5) / Kinds, 2)).Select(score => (score, outcomes(score)))];

        public static Traffic Named(string name) => new(name switch
        {
            "router knows" or "sorted by score" => static p => [(1.0, 0.0, 0.6 * p), (0, 1, 0.04), (1, 1, 0.8 * (0.96 - (0.6 * p))), (0, 0, 0.2 * (0.96 - (0.6 * p)))],

            // One request in sixteen is lost by the weak model, whatever the router says: the promise breaks soon, and by a little at a time.
            "rare disasters" => static _ => [(1.0, 0.0, 1 / 16.0), (1, 1, 15 / 16.0)],

            // The weak model is never right, so that hardly anything but always strong keeps the promise.
            "hopeless" => static _ => [(1.0, 0.0, 0.9), (0, 0, 0.1)],
            _ => static p => [(0.9, 0.9 - (0.6 * p), 0.5), (0.7, 0.75 - (0.5 * p), 0.3), (0.4, 0.5, 0.2)],
        });

        public (double[] Scores, double[] Strong, double[] Weak) Draw(int rows, int seed, bool isSorted)
        {
            var random = new Random(seed);
            var drawn = Enumerable.Range(0, rows).Select(row =>
            {
                (double score, var outcomes) = _kinds[random.Next(Kinds)];
                double left = random.NextDouble();
                var (strong, weak, _) = outcomes.First(outcome => (left -= outcome.Chance) < 0 || outcome == outcomes[^1]);
                return (Score: score, Strong: strong, Weak: weak);
            }).ToArray();
            if (isSorted)
            {
                Array.Sort(drawn);
            }

            return ([.. drawn.Select(static row => row.Score)], [.. drawn.Select(static row => row.Strong)], [.. drawn.Select(static row => row.Weak)]);
        }

        public double StrongShare(double threshold) => _kinds.Count(kind => kind.Score >= threshold) / (double)Kinds;

        public bool Keeps(double quality, double threshold) =>
            _kinds.Sum(kind => kind.Outcomes.Sum(outcome => outcome.Chance * ((quality * outcome.Strong) - (kind.Score >= threshold ? outcome.Strong : outcome.Weak)))) <= 1e-9;

        public double Oracle(double quality) => _kinds.Select(static kind => kind.Score).Append(double.PositiveInfinity).TakeWhile(threshold => Keeps(quality, threshold)).DefaultIfEmpty(0).Last();
    }
}
