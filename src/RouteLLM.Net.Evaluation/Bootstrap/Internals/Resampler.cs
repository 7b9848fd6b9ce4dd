namespace RouteLLM.Evaluation;

/// <summary>Computes a statistic of one resample.</summary>
/// <param name="counts">How often each item was drawn; the counts add up to their number.</param>
/// <param name="values">Where the values of the statistic go.</param>
internal delegate void ResampleStatistic(ReadOnlySpan<int> counts, Span<double> values);

/// <summary>Draws items with replacement and computes statistics over them, on several threads.</summary>
internal static class Resampler
{
    /// <summary>Computes statistics over resamples.</summary>
    /// <param name="count">How many items there are, at least 1.</param>
    /// <param name="width">How many values the statistic has.</param>
    /// <param name="options">How to resample.</param>
    /// <param name="statistic">The statistic; called from several threads.</param>
    /// <param name="cancellationToken">Cancels the computation.</param>
    /// <returns>For each of the <paramref name="width"/> values those of all resamples, in order.</returns>
    public static double[][] Run(int count, int width, BootstrapOptions options, ResampleStatistic statistic, CancellationToken cancellationToken = default)
    {
        options.Validate();
        double[][] values = [.. Enumerable.Range(0, width).Select(_ => new double[options.Resamples])];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };

        // Each resample has a generator of its own, so that which thread it falls to makes no difference.
        Parallel.For(0, options.Resamples, parallel, () => (Counts: new int[count], Row: new double[width]), (resample, _, scratch) =>
        {
            Draw(scratch.Counts, ((ulong)(uint)options.Seed << 32) | (uint)resample);
            statistic(scratch.Counts, scratch.Row);
            for (int i = 0; i < width; i++)
            {
                values[i][resample] = scratch.Row[i];
            }

            return scratch;
        }, static _ => { });
        return values;
    }

    /// <summary>Counts how often each item is drawn when as many are drawn as there are.</summary>
    public static void Draw(Span<int> counts, ulong seed)
    {
        counts.Clear();

        // SplitMix64 (Steele, Lea and Flood, 2014), from a start that is mixed once so that neighbouring seeds have nothing in common.
        ulong state = Mix(seed);
        for (int i = 0; i < counts.Length; i++)
        {
            state += 0x9E3779B97F4A7C15;
            counts[(int)Math.BigMul(Mix(state) >> 32, (ulong)counts.Length << 32, out _)]++;
        }
    }

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
