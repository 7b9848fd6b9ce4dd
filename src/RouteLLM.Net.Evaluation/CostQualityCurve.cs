namespace RouteLLM.Evaluation;

/// <summary>What quality a router reaches at every strong share, from always weak (0) to always strong (1), over one set of prompts.</summary>
/// <remarks>
/// Prompts are sorted by win probability, highest first, and sent to the strong model one after the other: a full sweep, not a sample of thresholds.
/// Prompts with the same win probability cannot be told apart by any threshold; the curve is a straight line across them, which is the mean
/// over every order they could come in. PGR, APGR and CPT are those of Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data" (2024), section 3.
/// </remarks>
public sealed class CostQualityCurve
{
    private readonly (double StrongShare, double Quality)[] _points;

    private CostQualityCurve((double StrongShare, double Quality)[] points, double area)
    {
        _points = points;
        Apgr = (area - WeakQuality) / (StrongQuality - WeakQuality);
    }

    /// <summary>Gets the corners of the curve, from strong share 0 to 1; between them it is straight.</summary>
    public IReadOnlyList<(double StrongShare, double Quality)> Points => _points;

    /// <summary>Gets the mean score of the weak model alone.</summary>
    public double WeakQuality => _points[0].Quality;

    /// <summary>Gets the mean score of the strong model alone.</summary>
    public double StrongQuality => _points[^1].Quality;

    /// <summary>
    /// Gets the average performance gap recovered: the area under PGR over the strong share. A random router has 0.5 in the mean; more than 1 is possible,
    /// for the weak model is sometimes right where the strong one is wrong. Not finite when both models are equally good.
    /// </summary>
    public double Apgr { get; }

    /// <summary>Sweeps over all thresholds.</summary>
    /// <param name="winProbabilities">The router's win probability for each prompt, n of them, at least one, none NaN.</param>
    /// <param name="strongScores">The strong model's score on each prompt, n of them.</param>
    /// <param name="weakScores">The weak model's score on each prompt, n of them.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there is no prompt, or a probability is NaN.</exception>
    public static CostQualityCurve Create(ReadOnlySpan<double> winProbabilities, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores)
    {
        int n = winProbabilities.Length;
        if (n == 0 || strongScores.Length != n || weakScores.Length != n)
        {
            throw new ArgumentException($"A curve needs as many scores as probabilities, at least one; got {n} probabilities, {strongScores.Length} strong and {weakScores.Length} weak scores.");
        }

        var keys = new double[n];
        var gains = new double[n];
        double quality = 0;
        for (int i = 0; i < n; i++)
        {
            if (double.IsNaN(winProbabilities[i]))
            {
                throw new ArgumentException($"Win probability {i} is NaN.", nameof(winProbabilities));
            }

            keys[i] = -winProbabilities[i];
            gains[i] = strongScores[i] - weakScores[i];
            quality += weakScores[i];
        }

        Array.Sort(keys, gains);
        var points = new List<(double StrongShare, double Quality)> { (0, quality / n) };
        double area = 0;
        for (int i = 0; i < n;)
        {
            double key = keys[i];
            for (; i < n && keys[i] == key; i++)
            {
                quality += gains[i];
            }

            (double share, double before) = points[^1];
            points.Add(((double)i / n, quality / n));
            area += (points[^1].StrongShare - share) * (before + points[^1].Quality) / 2;
        }

        return new CostQualityCurve([.. points], area);
    }

    /// <summary>Gives the call-performance threshold CPT(x): the smallest strong share that recovers the wanted part of the performance gap.</summary>
    /// <param name="gapRecovered">The part x of the gap between weak and strong quality to recover; 0.5 for CPT(50%).</param>
    /// <returns>The strong share, in [0, 1]; NaN if no share recovers so much.</returns>
    public double StrongShareFor(double gapRecovered)
    {
        double wanted = WeakQuality + (gapRecovered * (StrongQuality - WeakQuality));
        for (int i = 0; i < _points.Length; i++)
        {
            if (_points[i].Quality >= wanted)
            {
                if (i == 0)
                {
                    return 0;
                }

                (double share, double quality) = _points[i - 1];
                return share + ((_points[i].StrongShare - share) * (wanted - quality) / (_points[i].Quality - quality));
            }
        }

        return double.NaN;
    }
}
