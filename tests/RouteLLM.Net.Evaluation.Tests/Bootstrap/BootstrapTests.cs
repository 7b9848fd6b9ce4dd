using CsCheck;

namespace RouteLLM.Evaluation.Tests;

public class BootstrapTests
{
    [Fact]
    public void A_bootstrap_interval_is_repeatable_and_covers_the_mean()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(static i => (double)(i % 2))];
        BootstrapInterval Interval(int seed) => BootstrapInterval.Create(values.Length, indices => indices.Average(i => values[i]), seed: seed);
        BootstrapInterval interval = Interval(1);
        Assert.Equal(interval, Interval(1));
        Assert.NotEqual(interval, Interval(2));
        Assert.InRange(0.5, interval.Low, interval.High);

        // 1.96 standard errors of a coin thrown 400 times are .049.
        Assert.InRange(interval.HalfWidth, 0.04, 0.06);
    }

    [Fact]
    public void An_interval_of_values_skips_those_that_are_not_numbers()
    {
        BootstrapInterval interval = BootstrapInterval.FromValues(Enumerable.Range(0, 101).Select(static i => (double)i).Append(double.NaN), 0.9);
        Assert.Equal(5, interval.Low, 12);
        Assert.Equal(95, interval.High, 12);
        Assert.True(double.IsNaN(BootstrapInterval.FromValues([double.NaN]).Low));
        Assert.Throws<ArgumentOutOfRangeException>(static () => BootstrapInterval.FromValues([1], 1));
    }

    [Fact]
    public void Threads_do_not_change_the_numbers()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(static i => Math.Sin(i))];
        PairedDifference Compare(int threads) => PairedBootstrap.Compare(
            values.Length, counts => Mean(values, counts), static _ => 0, new() { MaxDegreeOfParallelism = threads, Seed = 3 }, TestContext.Current.CancellationToken);
        Assert.Equal(Compare(1), Compare(4));
        Assert.NotEqual(Compare(1), PairedBootstrap.Compare(values.Length, counts => Mean(values, counts), static _ => 0, new() { Seed = 4 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Statistics_that_never_differ_have_a_p_value_of_one()
    {
        PairedDifference difference = PairedBootstrap.Compare(10, static counts => counts[0], static counts => counts[0], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((0, 0, 0, 1), (difference.Difference, difference.Interval.Low, difference.Interval.High, difference.PValue));
        Assert.True(double.IsNaN(PairedBootstrap.Compare(10, static _ => double.NaN, static _ => 1, cancellationToken: TestContext.Current.CancellationToken).PValue));
    }

    [Fact]
    public void Items_are_drawn_evenly_and_as_many_as_there_are()
    {
        const int Items = 20, Resamples = 20_000;
        var counts = new int[Items];
        var sums = new double[Items];
        double squares = 0;
        for (int resample = 0; resample < Resamples; resample++)
        {
            Resampler.Draw(counts, (ulong)resample);
            Assert.Equal(Items, counts.Sum());
            for (int i = 0; i < Items; i++)
            {
                sums[i] += counts[i];
                squares += (counts[i] - 1) * (counts[i] - 1);
            }
        }

        // A count is binomial: mean 1, variance 1 - 1/n; 20,000 of them have a mean within 5 standard errors.
        Assert.All(sums, static sum => Assert.Equal(1, sum / Resamples, 5 / Math.Sqrt(Resamples)));
        Assert.Equal(1 - (1.0 / Items), squares / Items / Resamples, 0.02);
    }

    [Fact]
    public void Resampled_curves_are_those_of_the_rows_drawn() => Gen.Select(
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 2]).Array[1, 15], Gen.Int[0, 1000]).Sample(static (prompts, seed) =>
    {
        double[] win = [.. prompts.Select(static p => p.Item1 / 4.0)], strong = [.. prompts.Select(static p => p.Item2 / 2.0)], weak = [.. prompts.Select(static p => p.Item3 / 2.0)];
        var counts = new int[prompts.Length];
        Resampler.Draw(counts, (ulong)seed);
        int[] drawn = [.. counts.SelectMany(static (count, i) => Enumerable.Repeat(i, count))];
        var values = new double[SweepStatistic.Width];
        new SweepStatistic(win, strong, weak).Compute(counts, values);

        CostQualityCurve curve = CostQualityCurve.Create([.. drawn.Select(i => win[i])], [.. drawn.Select(i => strong[i])], [.. drawn.Select(i => weak[i])]);
        Assert.Equal(curve.WeakQuality, values[SweepStatistic.WeakQuality], 1e-12);
        Assert.Equal(curve.StrongQuality, values[SweepStatistic.StrongQuality], 1e-12);
        Assert.Equal(curve.Auc, values[SweepStatistic.Auc], 1e-12);
        Assert.Equal(curve.Apgr, values[SweepStatistic.Apgr], 1e-9);
        Assert.Equal(curve.StrongShareFor(0.2), values[SweepStatistic.Cpt20], 1e-9);
        Assert.Equal(curve.StrongShareFor(0.5), values[SweepStatistic.Cpt50], 1e-9);
        Assert.Equal(curve.StrongShareFor(0.8), values[SweepStatistic.Cpt80], 1e-9);
    }, iter: 2000);

    private static double Mean(double[] values, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            sum += values[i] * counts[i];
        }

        return sum / values.Length;
    }
}
