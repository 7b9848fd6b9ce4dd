using System.Numerics.Tensors;

namespace RouteLLM;

/// <summary>The rows of an index that say something about a strong and a weak side, and what: 1 strong won, 1/2 a tie, 0 weak won.</summary>
internal sealed class PairOutcomes
{
    private readonly double[] _outcomes;

    private PairOutcomes(int[] rows, double[] outcomes, int rowCount)
    {
        Rows = rows.Length == rowCount ? null : rows;
        _outcomes = outcomes;
    }

    /// <summary>Gets the rows, or <see langword="null"/> if all rows say something.</summary>
    public int[]? Rows { get; }

    /// <summary>Gets the outcomes, in the order of the rows.</summary>
    public ReadOnlySpan<double> Outcomes => _outcomes;

    /// <summary>Collects the battles of a model of one side with one of the other side.</summary>
    /// <param name="index">The index.</param>
    /// <param name="sideOf">For each of the index's models: 1 if of the strong side, -1 if of the weak one, 0 if of neither.</param>
    /// <param name="sides">What the sides are, for the message.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static PairOutcomes OfBattles(BattleIndex index, ReadOnlySpan<int> sideOf, string sides)
    {
        var rows = new List<int>();
        var outcomes = new List<double>();
        using MappedMemory.Lease lease = index.Memory.Borrow();
        for (int row = 0; row < index.Count; row++)
        {
            (int a, int b, BattleWinner winner) = index.ReadBattle(row);
            if (sideOf[a] * sideOf[b] < 0)
            {
                rows.Add(row);
                outcomes.Add(OutcomeOf(winner, strongIsA: sideOf[a] > 0));
            }
        }

        return Make(index, rows, outcomes, $"no battle between {sides}");
    }

    /// <summary>Collects the rows that have scores of two models.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static PairOutcomes OfScores(BattleIndex index, int strong, int weak)
    {
        var rows = new List<int>();
        var outcomes = new List<double>();
        using MappedMemory.Lease lease = index.Memory.Borrow();
        for (int row = 0; row < index.Count; row++)
        {
            if (index.ReadScore(row, strong) is { } strongScore && index.ReadScore(row, weak) is { } weakScore)
            {
                rows.Add(row);
                outcomes.Add(strongScore > weakScore ? 1 : strongScore < weakScore ? 0 : 0.5);
            }
        }

        return Make(index, rows, outcomes, $"no row with scores of both '{index.Models[strong]}' and '{index.Models[weak]}'");
    }

    /// <summary>What a battle says: 1 the strong side won, 0 the weak one, 1/2 neither.</summary>
    public static double OutcomeOf(BattleWinner winner, bool strongIsA) => winner == BattleWinner.Tie ? 0.5 : winner == BattleWinner.ModelA == strongIsA ? 1 : 0;

    /// <summary>The weighted mean of the outcomes.</summary>
    public double Mean(ReadOnlySpan<double> weights) => Mean(weights, _outcomes);

    /// <summary>The weighted mean of outcomes.</summary>
    public static double Mean(ReadOnlySpan<double> weights, ReadOnlySpan<double> outcomes) =>
        Math.Clamp(TensorPrimitives.Dot(weights, outcomes) / TensorPrimitives.Sum(weights), 0, 1);

    private static PairOutcomes Make(BattleIndex index, List<int> rows, List<double> outcomes, string nothing) => rows.Count > 0
        ? new PairOutcomes([.. rows], [.. outcomes], index.Count)
        : throw new ArgumentException($"The index{(index.Name is null ? "" : $" '{index.Name}'")} has {nothing}. Choose other models, or group models into fewer tiers.");
}
