namespace RouteLLM;

/// <summary>A Bradley-Terry model of tiers, to be fitted to weighted battles: reduces these to the weight of each outcome of each pair of tiers, and fits that.</summary>
internal sealed class TierModel
{
    private const int Outcomes = 3;

    private readonly Dictionary<string, int> _tiers;
    private readonly int _count;
    private readonly bool _inner;

    /// <param name="ratings">The models' ratings.</param>
    /// <param name="tierCount">The number of tiers.</param>
    /// <param name="includeBattlesWithinTier">Whether battles within a tier count.</param>
    public TierModel(IReadOnlyDictionary<string, double> ratings, int tierCount, bool includeBattlesWithinTier = true)
    {
        // Models of equal rating in the order of their names, so that nothing depends on the order of battles.
        KeyValuePair<string, double>[] sorted = [.. ratings.OrderByDescending(static rating => rating.Value).ThenBy(static rating => rating.Key, StringComparer.Ordinal)];
        int[] tiers = ModelTiers.Assign([.. sorted.Select(static rating => rating.Value)], tierCount);
        _tiers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < sorted.Length; i++)
        {
            _tiers.Add(sorted[i].Key, tiers[i]);
        }

        _count = tierCount;
        _inner = includeBattlesWithinTier;
    }

    /// <summary>Gets the tier of a model, 0 the strongest.</summary>
    /// <exception cref="ArgumentException">The model has no rating.</exception>
    public int TierOf(string model) => _tiers.TryGetValue(model, out int tier)
        ? tier
        : throw new ArgumentException($"There is no battle of the model '{model}', so it has no rating. There are ratings of {string.Join(", ", _tiers.Keys)}.");

    /// <summary>Numbers what a battle says: its pair of tiers and who won.</summary>
    public int CellOf(int tierA, int tierB, BattleWinner winner) => (((tierA * _count) + tierB) * Outcomes) + (int)winner;

    /// <summary>Fits the model and gives the probability that a tier beats another.</summary>
    /// <param name="strong">The tier.</param>
    /// <param name="weak">The other tier.</param>
    /// <param name="cells">What each battle says.</param>
    /// <param name="weights">How much each battle weighs.</param>
    public double Predict(int strong, int weak, ReadOnlySpan<int> cells, ReadOnlySpan<double> weights)
    {
        double[] ratings = Fit(cells, weights);
        return 1 / (1 + Math.Pow(10, (ratings[weak] - ratings[strong]) / 400));
    }

    /// <summary>Fits the ratings of the tiers to weighted battles.</summary>
    public double[] Fit(ReadOnlySpan<int> cells, ReadOnlySpan<double> weights)
    {
        using PooledArray<double> pooled = new(_count * _count * Outcomes);
        Span<double> sums = pooled.Span;
        sums.Clear();
        for (int i = 0; i < cells.Length; i++)
        {
            sums[cells[i]] += weights[i];
        }

        var model = new BradleyTerry(_count);
        for (int a = 0; a < _count; a++)
        {
            for (int b = 0; b < _count; b++)
            {
                // A win counts twice, a tie once for each side.
                double tied = sums[CellOf(a, b, BattleWinner.Tie)];
                double aWon = (2 * sums[CellOf(a, b, BattleWinner.ModelA)]) + tied;
                double bWon = (2 * sums[CellOf(a, b, BattleWinner.ModelB)]) + tied;
                if (a != b)
                {
                    model.AddWin(a, b, aWon);
                    model.AddWin(b, a, bWon);
                }
                else if (_inner)
                {
                    model.AddInner(a, asA: true, aWon);
                    model.AddInner(a, asA: false, bWon);
                }
            }
        }

        return model.Fit();
    }
}
