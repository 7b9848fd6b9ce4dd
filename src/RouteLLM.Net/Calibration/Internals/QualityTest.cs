namespace RouteLLM.Internals;

/// <summary>Tests thresholds from always strong downwards for a broken promise of quality; see <see cref="ThresholdCalibrator.ForQuality"/>.</summary>
internal sealed class QualityTest
{
    // The part of the largest bet there can be that is bet at most. At 1 a single row could lose everything.
    private const double MostBet = 0.75;

    // The variance that is assumed before the first row, on the scale from 0 to 1.
    private const double FirstVariance = 0.25;

    private const int Seed = 20_211;

    private readonly double[] _excess;
    private readonly double[] _excessIfWeak;
    private readonly int[] _turnsWeakAt;
    private readonly double _level;
    private readonly double _most;
    private readonly double _unit;

    /// <param name="scores">The win probabilities.</param>
    /// <param name="strong">The strong model's scores.</param>
    /// <param name="weak">The weak model's scores.</param>
    /// <param name="quality">The part of the strong model's quality to keep.</param>
    /// <param name="level">The probability of an error: 1 - confidence.</param>
    /// <param name="best">The best score there is.</param>
    public QualityTest(ReadOnlySpan<double> scores, ReadOnlySpan<double> strong, ReadOnlySpan<double> weak, double quality, double level, double best)
    {
        _level = level;
        _most = quality * best;
        _unit = best;
        int[] order = [.. Enumerable.Range(0, scores.Length)];
        new Random(Seed).Shuffle(order);
        _excess = new double[order.Length];
        _excessIfWeak = new double[order.Length];
        _turnsWeakAt = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            int row = order[i];
            _excess[i] = (quality * strong[row]) - strong[row];
            _excessIfWeak[i] = (quality * strong[row]) - weak[row];

            // The first step whose threshold is above the score. A score of 1 is above all, and weak only where the weak model answers everything.
            _turnsWeakAt[i] = (int)Math.Floor(Math.Clamp(scores[row], 0, 1) * ThresholdCalibrator.QualitySteps) + 1;
        }
    }

    /// <summary>Finds the greatest threshold before the first at which the promise may be broken.</summary>
    /// <returns>0 if none that makes any of the rows weak is before it.</returns>
    public double FindThreshold()
    {
        // Thresholds below all scores come first; on the rows they are always strong, but other traffic may have scores below them.
        if (!Rejects())
        {
            return 0;
        }

        int[] order = [.. Enumerable.Range(0, _turnsWeakAt.Length)];
        Array.Sort((int[])_turnsWeakAt.Clone(), order);
        for (int i = 0; i < order.Length;)
        {
            int step = _turnsWeakAt[order[i]];
            bool isFirst = i == 0;
            for (; i < order.Length && _turnsWeakAt[order[i]] == step; i++)
            {
                _excess[order[i]] = _excessIfWeak[order[i]];
            }

            // At the steps in between the rows are the same, and so is the test.
            if (!Rejects())
            {
                return isFirst ? 0 : (double)(step - 1) / ThresholdCalibrator.QualitySteps;
            }
        }

        return double.PositiveInfinity;
    }

    /// <summary>Says whether it is refuted that the excess of the wanted over the routed quality has a positive mean.</summary>
    /// <remarks>
    /// The capital is multiplied by 1 - bet * excess. If the mean is positive, that loses on average whatever the bets, which depend on earlier rows only; so the capital reaches 1 / level with probability level at most (Ville), and once it has, the rest of the
    /// rows need not be looked at. The bets are the predictable plug-in ones of Waudby-Smith and Ramdas for a number of rows that is fixed.
    /// </remarks>
    private bool Rejects()
    {
        double scale = 2 * Math.Log(1 / _level) / _excess.Length;
        double mostBet = MostBet / _most;
        double capital = 1, sum = 0, squares = FirstVariance * _unit * _unit;
        for (int i = 0; i < _excess.Length; i++)
        {
            double bet = Math.Min(Math.Sqrt(scale / (squares / (i + 1))), mostBet);
            capital *= 1 - (bet * _excess[i]);
            if (capital >= 1 / _level)
            {
                return true;
            }

            sum += _excess[i];
            double deviation = _excess[i] - (sum / (i + 1));
            squares += deviation * deviation;
        }

        return false;
    }
}
