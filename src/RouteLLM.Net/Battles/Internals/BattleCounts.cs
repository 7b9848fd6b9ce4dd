namespace RouteLLM;

/// <summary>Counts who beat whom how often, which is all that ratings depend on.</summary>
internal sealed class BattleCounts
{
    private readonly Dictionary<string, int> _indexes = new(StringComparer.Ordinal);
    private readonly Dictionary<(int Winner, int Loser), double> _wins = [];

    /// <summary>Adds a battle.</summary>
    public void Add(string modelA, string modelB, BattleWinner winner)
    {
        int a = IndexOf(modelA);
        int b = IndexOf(modelB);
        if (winner != BattleWinner.ModelB)
        {
            AddWin(a, b, winner == BattleWinner.Tie ? 1 : 2);
        }

        if (winner != BattleWinner.ModelA)
        {
            AddWin(b, a, winner == BattleWinner.Tie ? 1 : 2);
        }
    }

    /// <summary>Fits ratings to the battles so far.</summary>
    public Dictionary<string, double> Fit()
    {
        var model = new BradleyTerry(_indexes.Count);
        foreach (((int winner, int loser), double weight) in _wins)
        {
            model.AddWin(winner, loser, weight);
        }

        double[] ratings = model.Fit();
        return _indexes.ToDictionary(static entry => entry.Key, entry => ratings[entry.Value], StringComparer.Ordinal);
    }

    private void AddWin(int winner, int loser, double weight) => _wins[(winner, loser)] = _wins.GetValueOrDefault((winner, loser)) + weight;

    private int IndexOf(string model)
    {
        if (!_indexes.TryGetValue(model, out int index))
        {
            index = _indexes.Count;
            _indexes.Add(model, index);
        }

        return index;
    }
}
