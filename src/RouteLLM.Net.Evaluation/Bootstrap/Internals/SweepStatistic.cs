using System.Buffers;

namespace RouteLLM.Evaluation;

/// <summary>The numbers of a <see cref="CostQualityCurve"/> over resamples of its prompts: sorted once, then one pass a resample.</summary>
internal sealed class SweepStatistic
{
    /// <summary>Where in the values each number stands.</summary>
    public const int WeakQuality = 0, StrongQuality = 1, Auc = 2, Apgr = 3, Cpt20 = 4, Cpt50 = 5, Cpt80 = 6, Width = 7;

    private static readonly double[] s_parts = [0.2, 0.5, 0.8];

    private readonly int[] _order;
    private readonly double[] _weak;
    private readonly double[] _gain;
    private readonly int[] _groupEnds;

    public SweepStatistic(ReadOnlySpan<double> winProbabilities, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores)
    {
        _order = CostQualityCurve.DescendingOrder(winProbabilities);
        _weak = new double[_order.Length];
        _gain = new double[_order.Length];
        var ends = new List<int>();
        for (int i = 0; i < _order.Length; i++)
        {
            _weak[i] = weakScores[_order[i]];
            _gain[i] = strongScores[_order[i]] - _weak[i];
            if (i + 1 == _order.Length || winProbabilities[_order[i]] != winProbabilities[_order[i + 1]])
            {
                ends.Add(i + 1);
            }
        }

        _groupEnds = [.. ends];
    }

    /// <summary>Computes the numbers, given how often each prompt was drawn.</summary>
    public void Compute(ReadOnlySpan<int> counts, Span<double> values)
    {
        int n = _order.Length;
        (int Count, double Quality)[] groups = ArrayPool<(int, double)>.Shared.Rent(_groupEnds.Length);
        double weak = 0, gain = 0;
        int first = 0;
        for (int g = 0; g < _groupEnds.Length; g++)
        {
            int drawn = 0;
            double groupGain = 0;
            for (int i = first; i < _groupEnds[g]; i++)
            {
                int count = counts[_order[i]];
                drawn += count;
                weak += count * _weak[i];
                groupGain += count * _gain[i];
            }

            gain += groupGain;
            groups[g] = (drawn, gain);
            first = _groupEnds[g];
        }

        double area = 0, before = weak;
        for (int g = 0; g < _groupEnds.Length; g++)
        {
            double after = weak + groups[g].Quality;
            groups[g].Quality = after;
            area += groups[g].Count * (before + after) / 2;
            before = after;
        }

        double strong = weak + gain;
        values[WeakQuality] = weak / n;
        values[StrongQuality] = strong / n;
        values[Auc] = area / n / n;
        values[Apgr] = PerformanceGap.IsZero(weak, strong) ? double.NaN : ((area / n) - weak) / (strong - weak);
        for (int part = 0; part < s_parts.Length; part++)
        {
            values[Cpt20 + part] = StrongShareFor(weak, strong, s_parts[part], groups.AsSpan(0, _groupEnds.Length));
        }

        ArrayPool<(int, double)>.Shared.Return(groups);
    }

    /// <summary>Computes the quality at evenly spaced strong shares from 0 to 1, at least two of them, given how often each prompt was drawn.</summary>
    public void Qualities(ReadOnlySpan<int> counts, Span<double> values)
    {
        int n = _order.Length, next = 0, drawn = 0, first = 0;
        double quality = 0;
        for (int i = 0; i < n; i++)
        {
            quality += counts[_order[i]] * _weak[i];
        }

        foreach (int end in _groupEnds)
        {
            int groupCount = 0;
            double groupGain = 0;
            for (; first < end; first++)
            {
                int count = counts[_order[first]];
                groupCount += count;
                groupGain += count * _gain[first];
            }

            // Among equal win probabilities, which of the prompts are strong is drawn at random: the curve is straight there.
            for (; groupCount > 0 && next < values.Length && (double)n * next / (values.Length - 1) <= drawn + groupCount; next++)
            {
                double part = (((double)n * next / (values.Length - 1)) - drawn) / groupCount;
                values[next] = (quality + (part * groupGain)) / n;
            }

            drawn += groupCount;
            quality += groupGain;
        }
    }

    private double StrongShareFor(double weak, double strong, double gapRecovered, ReadOnlySpan<(int Count, double Quality)> groups)
    {
        double wanted = PerformanceGap.Wanted(weak, strong, gapRecovered);
        if (weak >= wanted)
        {
            return 0;
        }

        int drawn = 0;
        double before = weak;
        foreach ((int count, double quality) in groups)
        {
            double crossing = PerformanceGap.Crossing(before, quality, wanted);
            if (!double.IsNaN(crossing))
            {
                return (drawn + (count * crossing)) / _order.Length;
            }

            drawn += count;
            before = quality;
        }

        return double.NaN;
    }
}
