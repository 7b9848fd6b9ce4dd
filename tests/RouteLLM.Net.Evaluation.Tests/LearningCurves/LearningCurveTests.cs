namespace RouteLLM.Evaluation.Tests;

public class LearningCurveTests
{
    private static readonly int[] s_rows = [.. Enumerable.Range(0, 1000)];

    [Fact]
    public void Sizes_double_from_25_to_all_that_is_not_held_back()
    {
        LearningCurve curve = Measure(static labels => 0.8 - (1 / Math.Sqrt(labels)));
        Assert.Equal([25, 50, 100, 200, 400, 700], curve.Points.Select(static point => point.Labels));
        Assert.Equal(300, curve.HeldBackRows);
        Assert.Equal(0.8, curve.Fit.Limit, 3);
        Assert.Equal(0.5, curve.Fit.Rate, 2);
    }

    [Fact]
    public void A_curve_that_still_rises_says_that_more_labels_pay()
    {
        LearningCurve curve = Measure(static labels => 0.9 - Math.Pow(labels, -0.3));
        Assert.Equal(MoreLabels.Pay, curve.MoreLabels);
        Assert.Equal((0.9 - Math.Pow(1400, -0.3)) - (0.9 - Math.Pow(700, -0.3)), curve.ExpectedGain, 3);
        Assert.StartsWith("More labels would pay: 1400 labels instead of 700", curve.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-0.02)]
    public void A_curve_that_is_level_or_falls_says_that_they_do_not(double slope)
    {
        LearningCurve curve = Measure(labels => 0.7 + (slope * Math.Log(labels)));
        Assert.Equal(MoreLabels.DoNotPay, curve.MoreLabels);
        Assert.True(curve.Fit.IsFlat);
        Assert.Equal(0, curve.ExpectedGain);
    }

    [Fact]
    public void A_curve_lost_in_noise_is_unclear()
    {
        LearningCurve curve = Measure((labels, seed) => 0.6 + (0.02 * Math.Log2(labels / 25.0)) + (0.3 * (new Random((seed * 7919) ^ labels).NextDouble() - 0.5)), repetitions: 5);
        Assert.Equal(MoreLabels.Unclear, curve.MoreLabels);
        Assert.True(curve.ExpectedGainInterval.Low < curve.MinimumGain && curve.ExpectedGainInterval.High >= curve.MinimumGain);
    }

    [Fact]
    public void One_size_alone_is_unclear() =>
        Assert.Equal(MoreLabels.Unclear, Measure(static _ => 0.5, sizes: [100]).MoreLabels);

    [Fact]
    public void No_group_is_on_both_sides_and_smaller_trainings_are_part_of_larger_ones()
    {
        var trained = new List<int[]>();
        LearningCurve.Create<int>(
            s_rows,
            (training, _) =>
            {
                trained.Add([.. training]);
                return static _ => 0;
            },
            (_, heldBack) =>
            {
                Assert.Empty(heldBack.Select(Group).Intersect(trained[^1].Select(Group)));
                return 0.5;
            },
            Group,
            options: new LearningCurveOptions { Repetitions = 2, MaxDegreeOfParallelism = 1 },
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(12, trained.Count);
        Assert.Equal(trained[3][..100], trained[2]);
        Assert.NotEqual(trained[8], trained[2]);

        static string Group(int row) => $"{row / 10}";
    }

    [Fact]
    public void The_same_seed_gives_the_same_curve_with_any_number_of_threads()
    {
        double[] Qualities(int seed, int threads) => [.. LearningCurve.Create<int>(
            s_rows,
            (training, _) => row => training.Sum() % (row + 7),
            static (scores, _) => scores.Average() / 1000,
            options: new LearningCurveOptions { Seed = seed, MaxDegreeOfParallelism = threads, HighestQuality = 10 }, cancellationToken: TestContext.Current.CancellationToken).Points.SelectMany(static point => point.Qualities)];
        Assert.Equal(Qualities(1, 1), Qualities(1, 4));
        Assert.NotEqual(Qualities(1, 1), Qualities(2, 1));
    }

    [Fact]
    public void Repetitions_without_a_quality_are_left_out_unless_all_are()
    {
        LearningCurve curve = Measure((labels, seed) => labels == 25 && seed % 2 == 0 ? double.NaN : 0.6, repetitions: 4);
        Assert.Equal(0.6, curve.Points[0].Mean);
        Assert.Equal(2, curve.Points[0].Qualities.Count(double.IsNaN));
        Assert.Contains("25 labels", Assert.Throws<InvalidOperationException>(() => Measure(static labels => labels == 25 ? double.NaN : 0.6)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_there_before_is_measured_on_the_same_rows()
    {
        LearningCurve curve = LearningCurve.Create<int>(s_rows, static (_, _) => static row => row / 1000.0, static (scores, _) => scores.Average(), before: static row => row / 2000.0, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(curve.Points[0].Qualities, curve.Before!.Qualities.Select(static quality => 2 * quality), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(0, curve.Before.Labels);
    }

    [Fact]
    public void Too_few_rows_and_options_out_of_range_are_refused()
    {
        Assert.Contains("20 rows", Assert.Throws<ArgumentException>(() => Measure(static _ => 0.5, rows: 29)).Message, StringComparison.Ordinal);
        Assert.Contains("groups", Assert.Throws<ArgumentException>(() => Measure(static _ => 0.5, rows: 1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Measure(static _ => 0.5, sizes: [50, 25]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Measure(static _ => 0.5, repetitions: 0));
        foreach (LearningCurveOptions options in new LearningCurveOptions[] { new() { HeldBackShare = 1 }, new() { MinimumGain = double.NaN }, new() { HighestQuality = double.PositiveInfinity } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => LearningCurve.Create<int>(s_rows, static (_, _) => static _ => 0, static (_, _) => 0, options: options, cancellationToken: TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public void What_a_training_throws_reaches_the_caller_as_it_is() =>
        Assert.Equal("no", Assert.Throws<FormatException>(() => Measure(static _ => throw new FormatException("no"))).Message);

    private static LearningCurve Measure(Func<int, double> quality, int repetitions = 6, int[]? sizes = null, int rows = 1000) => Measure((labels, _) => quality(labels), repetitions, sizes, rows);

    /// <summary>The quality of a training is decided by its size and seed, and carried by the scores.</summary>
    private static LearningCurve Measure(Func<int, int, double> quality, int repetitions = 6, int[]? sizes = null, int rows = 1000) => LearningCurve.Create(
        s_rows[..rows],
        (training, seed) => _ => quality(training.Count, seed),
        static (scores, _) => scores[0],
        options: new LearningCurveOptions { Repetitions = repetitions, Sizes = sizes },
        cancellationToken: TestContext.Current.CancellationToken);
}
