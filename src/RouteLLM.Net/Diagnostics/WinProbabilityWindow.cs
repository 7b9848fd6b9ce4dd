namespace RouteLLM.Diagnostics;

/// <summary>The bands that the latest win probabilities of one router fell into.</summary>
internal sealed class WinProbabilityWindow
{
    private const int Bands = 10;

    // As many points of the baseline as tell its shares to a thousandth, even where many scores are the same.
    private const int Points = 1_000;

    private readonly Lock _lock = new();
    private readonly double[] _bounds;
    private readonly double[] _expected;
    private readonly int[] _counts;
    private readonly byte[] _recent;
    private int _count;
    private int _next;

    public WinProbabilityWindow(ScoreQuantiles baseline, int window)
    {
        Baseline = baseline;
        double[] values = [.. baseline.Values];
        _bounds = [.. Enumerable.Range(1, Bands - 1).Select(i => ScoreQuantiles.Quantile(values, (double)i / Bands)).Distinct()];
        _expected = new double[_bounds.Length + 1];
        for (int i = 0; i < Points; i++)
        {
            _expected[BandOf(ScoreQuantiles.Quantile(values, (i + 0.5) / Points))] += 1.0 / Points;
        }

        _counts = new int[_expected.Length];
        _recent = new byte[window];
    }

    public ScoreQuantiles Baseline { get; }

    public void Add(double winProbability)
    {
        byte band = (byte)BandOf(winProbability);
        lock (_lock)
        {
            if (_count == _recent.Length)
            {
                _counts[_recent[_next]]--;
            }
            else
            {
                _count++;
            }

            _recent[_next] = band;
            _counts[band]++;
            _next = (_next + 1) % _recent.Length;
        }
    }

    public WinProbabilityDrift? Measure(string router)
    {
        double[] actual;
        int count;
        lock (_lock)
        {
            count = _count;
            actual = [.. _counts];
        }

        if (count == 0)
        {
            return null;
        }

        double index = PopulationStabilityIndex.Compute(_expected, actual);
        for (int i = 0; i < actual.Length; i++)
        {
            actual[i] /= count;
        }

        // The baseline is taken to be exact: how many scores it was made of is not known.
        return new(router, index, PopulationStabilityIndex.SamplingLimit(actual.Length, long.MaxValue, count), count, _bounds, _expected, actual);
    }

    private int BandOf(double value)
    {
        int place = Array.BinarySearch(_bounds, value);
        return place >= 0 ? place : ~place;
    }
}
