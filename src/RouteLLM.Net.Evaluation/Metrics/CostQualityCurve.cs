namespace RouteLLM.Evaluation;

/// <summary>What quality a router reaches at every strong share, from always weak (0) to always strong (1), over one set of prompts.</summary>
/// <remarks>
/// Prompts are sorted by win probability, highest first, and sent to the strong model one after the other: a full sweep, not a sample of thresholds.
/// Prompts with the same win probability cannot be told apart by any threshold; the curve is a straight line across them, which is the mean
/// over every order they could come in. PGR, APGR and CPT are those of Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data" (2024), section 3;
/// <see cref="RouteLlmMetrics"/> has the numbers of the program that goes with it, which samples some thresholds only.
/// <para>
/// Where the strong model is not better, the numbers stay defined as far as they mean something: with equal models the performance gap is zero and <see cref="Apgr"/> is NaN;
/// with a worse strong model it is the share of the <em>loss</em> taken on, so that less is better, and <see cref="StrongShareFor"/> is 0, for always weak has all there is to recover.
/// </para>
/// </remarks>
public sealed class CostQualityCurve
{
    private readonly (double StrongShare, double Quality)[] _points;
    private readonly double[] _thresholds;
    private readonly double[]? _costs;

    private CostQualityCurve((double StrongShare, double Quality)[] points, double[] thresholds, double[]? costs, double area)
    {
        _points = points;
        _thresholds = thresholds;
        _costs = costs;
        Auc = area;
        Apgr = PerformanceGap.IsZero(WeakQuality, StrongQuality) ? double.NaN : (area - WeakQuality) / (StrongQuality - WeakQuality);
    }

    /// <summary>Gets the corners of the curve, from strong share 0 to 1; between them it is straight.</summary>
    public IReadOnlyList<(double StrongShare, double Quality)> Points => _points;

    /// <summary>
    /// Gets the threshold of each of the <see cref="Points"/>, in the same order: prompts with a win probability of at least that are strong there. The first, where none is, is positive infinity.
    /// </summary>
    public IReadOnlyList<double> Thresholds => _thresholds;

    /// <summary>Gets the mean cost of a prompt in USD at each of the <see cref="Points"/>, in the same order, or <see langword="null"/> if costs were not given.</summary>
    public IReadOnlyList<double>? Costs => _costs;

    /// <summary>Gets the mean score of the weak model alone.</summary>
    public double WeakQuality => _points[0].Quality;

    /// <summary>Gets the mean score of the strong model alone.</summary>
    public double StrongQuality => _points[^1].Quality;

    /// <summary>Gets the area under the quality over the strong share, which is the mean quality over all strong shares, in the unit of the scores.</summary>
    public double Auc { get; }

    /// <summary>
    /// Gets the average performance gap recovered: the area under PGR over the strong share. A random router has 0.5 in the mean; more than 1 is possible,
    /// for the weak model is sometimes right where the strong one is wrong. NaN when both models are equally good.
    /// </summary>
    public double Apgr { get; }

    /// <summary>Sweeps over all thresholds.</summary>
    /// <param name="winProbabilities">The router's win probability for each prompt, n of them, at least one, none NaN.</param>
    /// <param name="strongScores">The strong model's score on each prompt, n of them, finite, on any scale.</param>
    /// <param name="weakScores">The weak model's score on each prompt, n of them, finite, on the same scale.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there is no prompt, a probability is NaN, or a score is not finite.</exception>
    public static CostQualityCurve Create(ReadOnlySpan<double> winProbabilities, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores) =>
        Create(winProbabilities, strongScores, weakScores, [], []);

    /// <summary>Sweeps over all thresholds, and adds up what each point of the curve costs.</summary>
    /// <param name="winProbabilities">The router's win probability for each prompt, n of them, at least one, none NaN.</param>
    /// <param name="strongScores">The strong model's score on each prompt, n of them, finite, on any scale.</param>
    /// <param name="weakScores">The weak model's score on each prompt, n of them, finite, on the same scale.</param>
    /// <param name="strongCosts">What the strong model's answer costs in USD, n of them; empty, as <paramref name="weakCosts"/>, if costs are not known.</param>
    /// <param name="weakCosts">What the weak model's answer costs in USD, n of them.</param>
    /// <returns>The curve.</returns>
    /// <exception cref="ArgumentException">The lengths differ, there is no prompt, a probability is NaN, or a score or cost is not finite.</exception>
    public static CostQualityCurve Create(
        ReadOnlySpan<double> winProbabilities, ReadOnlySpan<double> strongScores, ReadOnlySpan<double> weakScores, ReadOnlySpan<double> strongCosts, ReadOnlySpan<double> weakCosts)
    {
        int n = winProbabilities.Length;
        if (n == 0 || strongScores.Length != n || weakScores.Length != n)
        {
            throw new ArgumentException($"A curve needs as many scores as probabilities, at least one; got {n} probabilities, {strongScores.Length} strong and {weakScores.Length} weak scores.");
        }

        if (strongCosts.Length != weakCosts.Length || (strongCosts.Length != 0 && strongCosts.Length != n))
        {
            throw new ArgumentException($"A curve needs as many costs as probabilities, or none; got {n} probabilities, {strongCosts.Length} strong and {weakCosts.Length} weak costs.");
        }

        int[] order = DescendingOrder(winProbabilities);
        RequireFinite(strongScores, "strong score");
        RequireFinite(weakScores, "weak score");
        RequireFinite(strongCosts, "strong cost");
        RequireFinite(weakCosts, "weak cost");

        double quality = Sum(weakScores), cost = Sum(weakCosts), area = 0;
        var points = new List<(double StrongShare, double Quality)> { (0, quality / n) };
        var thresholds = new List<double> { double.PositiveInfinity };
        List<double>? costs = strongCosts.Length == 0 ? null : [cost / n];
        for (int i = 0; i < n;)
        {
            double threshold = winProbabilities[order[i]];
            for (; i < n && winProbabilities[order[i]] == threshold; i++)
            {
                quality += strongScores[order[i]] - weakScores[order[i]];
                cost += costs is null ? 0 : strongCosts[order[i]] - weakCosts[order[i]];
            }

            (double share, double before) = points[^1];

            // The end is the strong model alone; taken from its own scores it is free of what the way there rounded.
            points.Add(((double)i / n, (i == n ? Sum(strongScores) : quality) / n));
            thresholds.Add(threshold);
            costs?.Add((i == n ? Sum(strongCosts) : cost) / n);
            area += (points[^1].StrongShare - share) * (before + points[^1].Quality) / 2;
        }

        return new CostQualityCurve([.. points], [.. thresholds], costs?.ToArray(), area);
    }

    /// <summary>Gives the quality at a strong share, where requests are drawn at random between the corners on either side of it.</summary>
    /// <param name="strongShare">The strong share, in [0, 1].</param>
    /// <returns>The mean score.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    public double QualityAt(double strongShare)
    {
        if (strongShare is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].");
        }

        int i = Array.FindIndex(_points, point => point.StrongShare >= strongShare);
        if (_points[i].StrongShare == strongShare)
        {
            return _points[i].Quality;
        }

        (double share, double quality) = _points[i - 1];
        return quality + ((_points[i].Quality - quality) * (strongShare - share) / (_points[i].StrongShare - share));
    }

    /// <summary>Gives the performance gap recovered (PGR): which part of the distance from the weak to the strong model's quality is covered at a strong share.</summary>
    /// <param name="strongShare">The strong share, in [0, 1].</param>
    /// <returns>The part; 0 is the weak model's quality, 1 the strong one's. NaN when both are equally good.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    public double PerformanceGapRecoveredAt(double strongShare)
    {
        double quality = QualityAt(strongShare);
        return PerformanceGap.IsZero(WeakQuality, StrongQuality) ? double.NaN : (quality - WeakQuality) / (StrongQuality - WeakQuality);
    }

    /// <summary>Gives the call-performance threshold CPT(x): the smallest strong share that recovers the wanted part of the performance gap.</summary>
    /// <param name="gapRecovered">The part x of the gap between weak and strong quality to recover; 0.5 for CPT(50%).</param>
    /// <returns>The strong share, in [0, 1]; NaN if no share recovers so much. 0 when the strong model is not better, for then there is nothing to recover.</returns>
    public double StrongShareFor(double gapRecovered)
    {
        double wanted = PerformanceGap.Wanted(WeakQuality, StrongQuality, gapRecovered);
        if (WeakQuality >= wanted)
        {
            return 0;
        }

        for (int i = 1; i < _points.Length; i++)
        {
            double part = PerformanceGap.Crossing(_points[i - 1].Quality, _points[i].Quality, wanted);
            if (!double.IsNaN(part))
            {
                return _points[i - 1].StrongShare + (part * (_points[i].StrongShare - _points[i - 1].StrongShare));
            }
        }

        return double.NaN;
    }

    /// <summary>Gives the indices of prompts from the highest win probability to the lowest; equal ones stay in their order.</summary>
    /// <exception cref="ArgumentException">A probability is NaN.</exception>
    internal static int[] DescendingOrder(ReadOnlySpan<double> winProbabilities)
    {
        var keys = new (double Key, int Index)[winProbabilities.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = double.IsNaN(winProbabilities[i]) ? throw new ArgumentException($"Win probability {i} is NaN.", nameof(winProbabilities)) : (-winProbabilities[i], i);
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, static key => key.Index);
    }

    private static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static void RequireFinite(ReadOnlySpan<double> values, string what)
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                throw new ArgumentException($"The {what} of prompt {i} is {values[i]}; expected a finite number. Leave out prompts that have none.");
            }
        }
    }
}
