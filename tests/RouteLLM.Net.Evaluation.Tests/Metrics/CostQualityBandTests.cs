namespace RouteLLM.Evaluation.Tests.Metrics;

public class CostQualityBandTests
{
    [Fact]
    public async Task It_surrounds_the_curve_and_its_ends_are_the_intervals_of_both_models()
    {
        EvaluationSlice slice = (await EvaluateAsync(300)).Overall;
        var band = Band(slice, 21, new BootstrapOptions { Resamples = 400 });

        Assert.Equal(Enumerable.Range(0, 21).Select(static i => i / 20.0), band.StrongShares);
        Assert.All(band.StrongShares.Zip(band.Qualities), at => Assert.InRange(slice.Curve!.QualityAt(at.First), at.Second.Low, at.Second.High));

        // At the ends the quality is a plain mean of the scores, whose interval is known from its standard error.
        foreach ((int end, Func<EvaluatedRow, double> score) in new (int, Func<EvaluatedRow, double>)[] { (0, static row => row.WeakScore), (20, static row => row.StrongScore) })
        {
            double mean = slice.EvaluatedRows.Average(score), deviation = Math.Sqrt(slice.EvaluatedRows.Average(row => Math.Pow(score(row) - mean, 2)));
            Assert.Equal(1.96 * deviation / Math.Sqrt(300), band.Qualities[end].HalfWidth, 0.01);
        }
    }

    [Fact]
    public async Task Without_resampling_anything_else_than_the_rows_themselves_it_is_the_curve()
    {
        EvaluationSlice slice = (await EvaluateAsync(1)).Overall;

        Assert.All(Band(slice, 11, new()).Qualities.Zip(Band(slice, 11, new()).StrongShares), at =>
        {
            Assert.Equal(slice.Curve!.QualityAt(at.Second), at.First.Low, 12);
            Assert.Equal(at.First.Low, at.First.High, 12);
        });
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_band_on_any_number_of_threads()
    {
        EvaluationSlice slice = (await EvaluateAsync(50)).Overall;

        Assert.Equal(
            Band(slice, 7, new() { Resamples = 50, MaxDegreeOfParallelism = 1 }).Qualities,
            Band(slice, 7, new() { Resamples = 50, MaxDegreeOfParallelism = 4 }).Qualities);
        Assert.Throws<ArgumentOutOfRangeException>(() => Band(slice, 1, new()));
    }

    private static CostQualityBand Band(EvaluationSlice slice, int points, BootstrapOptions options) => CostQualityBand.Create(slice, points, options, TestContext.Current.CancellationToken);

    private static Task<RouterEvaluation> EvaluateAsync(int rows) => RouterEvaluator.EvaluateAsync(
        new DelegateRouter(static prompt => int.Parse(prompt, System.Globalization.CultureInfo.InvariantCulture) * 7 % 10 / 10.0),
        Enumerable.Range(0, rows).Select(static i => new EvaluationRow
        {
            Id = $"{i}", Prompt = $"{i}", Scores = new Dictionary<string, double> { ["big"] = i % 5 == 0 ? 0 : 1, ["small"] = i % 3 == 0 ? 1 : 0 },
        }),
        new EvaluationOptions { StrongModel = "big", WeakModel = "small", Bootstrap = new() { Resamples = 20 } });
}
