namespace RouteLLM.Internals;

/// <summary>The distribution of recent numbers in [0, 1], in 4,096 bins; the weight of older ones decays exponentially. Not thread-safe.</summary>
/// <remarks>The bins are a Fenwick tree (1994), in which adding and finding a quantile take 12 steps each. Instead of decaying all, each new number weighs more.</remarks>
internal sealed class DecayingHistogram
{
    private const int Bins = 4096;

    private readonly double[] _tree = new double[Bins + 1];
    private double _weight = 1;
    private double _total;

    public bool IsEmpty => _total == 0;

    /// <summary>Adds a number.</summary>
    /// <param name="value">The number, in [0, 1].</param>
    /// <param name="memory">How many numbers are remembered: the sum of all weights, relative to the newest, once there are many.</param>
    public void Add(double value, int memory)
    {
        if (_weight > 1e100)
        {
            for (int i = 1; i <= Bins; i++)
            {
                _tree[i] /= _weight;
            }

            _total /= _weight;
            _weight = 1;
        }

        _weight *= memory / (memory - 1.0);
        _total += _weight;
        for (int i = Math.Min((int)(value * Bins), Bins - 1) + 1; i <= Bins; i += i & -i)
        {
            _tree[i] += _weight;
        }
    }

    /// <summary>Gives the number below which a share of the weight lies, interpolated within a bin.</summary>
    public double Quantile(double share)
    {
        double left = Math.Clamp(share, 0, 1) * _total;
        int bin = 0;
        for (int step = Bins; step > 0; step >>= 1)
        {
            if (bin + step <= Bins && _tree[bin + step] < left)
            {
                bin += step;
                left -= _tree[bin];
            }
        }

        if (bin >= Bins)
        {
            return 1;
        }

        double weight = WeightOf(bin);
        return (bin + (weight > 0 ? Math.Clamp(left / weight, 0, 1) : 0)) / Bins;
    }

    private double WeightOf(int bin)
    {
        // What the tree sums up to here, without what it sums up to before.
        int node = bin + 1;
        double weight = _tree[node];
        for (int i = node - 1, end = node - (node & -node); i > end; i -= i & -i)
        {
            weight -= _tree[i];
        }

        return weight;
    }
}
