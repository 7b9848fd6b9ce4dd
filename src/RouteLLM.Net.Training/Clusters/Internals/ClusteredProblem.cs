using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using System.Text;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>The rows to train on, checked: embeddings, scores, labels and folds.</summary>
internal sealed class ClusteredProblem
{
    private const int FewestModels = 3;

    public ClusteredProblem(IReadOnlyList<EvaluationRow> rows, IReadOnlyList<ReadOnlyMemory<float>> embeddings, ClusteredModelTrainingOptions options)
    {
        if (embeddings.Count != rows.Count)
        {
            throw new ArgumentException($"There are {embeddings.Count} embeddings for {rows.Count} rows; give one for each, in the same order.", nameof(embeddings));
        }

        Models = [.. rows.SelectMany(static row => row.Scores.Keys).Distinct().Order(StringComparer.Ordinal)];
        if (Models.Length < FewestModels)
        {
            throw new ArgumentException($"The rows have scores of {Models.Length} models ({string.Join(", ", Models)}); at least {FewestModels} are needed. For two, train a matrix factorisation.", nameof(rows));
        }

        CheckPair(options);
        int[] kept = [.. Enumerable.Range(0, rows.Count).Where(i => Array.TrueForAll(Models, rows[i].Scores.ContainsKey))];
        LeftOut = rows.Count - kept.Length;
        if (kept.Length == 0)
        {
            throw new ArgumentException($"No row has scores of all {Models.Length} models ({string.Join(", ", Models)}), so none can be told to be the best. Score the same prompts with every model, or leave models out.", nameof(rows));
        }

        Embeddings = [.. kept.Select(i => embeddings[i])];
        Scores = [.. kept.Select(i => Array.ConvertAll(Models, model => rows[i].Scores[model]))];
        Check(rows, kept);
        int[] priceRank = PriceRank([.. kept.Select(i => rows[i])], options);
        Best = [.. Scores.Select(scores => BestOf(scores, priceRank))];
        if (Best.All(best => best == Best[0]))
        {
            throw new ArgumentException($"'{Models[Best[0]]}' is the best model in every row, so there is nothing to route: call it always, or add rows that other models answer better.", nameof(rows));
        }

        Labels = [.. Scores.Select((scores, i) => options.Labels == ClusterLabels.BestModel ? OneHot(Best[i]) : RewardDistribution(scores, options.RewardTemperature))];
        Folds = [.. kept.Select(i => FoldOf(rows[i].Prompt, options))];
    }

    /// <summary>Gets the models, in ordinal order of their names.</summary>
    public string[] Models { get; }

    public ReadOnlyMemory<float>[] Embeddings { get; }

    /// <summary>Gets the scores, <c>[rows, models]</c>.</summary>
    public double[][] Scores { get; }

    /// <summary>Gets the best model of each row, ties going to the cheapest.</summary>
    public int[] Best { get; }

    /// <summary>Gets what is learned from, <c>[rows, models]</c>: distributions over the models.</summary>
    public double[][] Labels { get; }

    /// <summary>Gets the part of the rows that each belongs to; rows with the same prompt belong to the same.</summary>
    public int[] Folds { get; }

    /// <summary>Gets how many rows were left out, because they lack a model's score.</summary>
    public int LeftOut { get; }

    /// <summary>Turns scores into a distribution: softmax(scores / temperature).</summary>
    internal static double[] RewardDistribution(double[] scores, double temperature)
    {
        double greatest = scores.Max();
        double[] shares = Array.ConvertAll(scores, score => Math.Exp((score - greatest) / temperature));
        double total = shares.Sum();
        return Array.ConvertAll(shares, share => share / total);
    }

    private static int BestOf(double[] scores, int[] priceRank)
    {
        int best = 0;
        for (int m = 1; m < scores.Length; m++)
        {
            if (scores[m] > scores[best] || (scores[m] == scores[best] && priceRank[m] < priceRank[best]))
            {
                best = m;
            }
        }

        return best;
    }

    private static int FoldOf(string prompt, ClusteredModelTrainingOptions options)
    {
        byte[] hash = SHA256.HashData(Encoding.Unicode.GetBytes(FormattableString.Invariant($"{options.Seed}\n{prompt}")));
        return (int)(BinaryPrimitives.ReadUInt64LittleEndian(hash) % (ulong)options.Folds);
    }

    private double[] OneHot(int best)
    {
        var label = new double[Models.Length];
        label[best] = 1;
        return label;
    }

    private void CheckPair(ClusteredModelTrainingOptions options)
    {
        foreach (string model in new[] { options.StrongModel, options.WeakModel }.OfType<string>())
        {
            if (!Models.Contains(model))
            {
                throw new ArgumentException($"The default pair has '{model}', which no row has a score of; the models are {string.Join(", ", Models)}.", nameof(options));
            }
        }
    }

    private void Check(IReadOnlyList<EvaluationRow> rows, int[] kept)
    {
        int dimensions = Embeddings[0].Length;
        for (int i = 0; i < kept.Length; i++)
        {
            string id = rows[kept[i]].Id;
            if (Array.FindIndex(Scores[i], static score => score is not (>= 0 and <= 1)) is int wrong and >= 0)
            {
                throw new ArgumentException(FormattableString.Invariant($"Row {kept[i]} ('{id}') has the score {Scores[i][wrong]} of '{Models[wrong]}'; expected a number in [0, 1]."), nameof(rows));
            }

            ReadOnlySpan<float> embedding = Embeddings[i].Span;
            if (embedding.Length != dimensions || dimensions == 0 || !float.IsFinite(TensorPrimitives.SumOfSquares(embedding)))
            {
                throw new ArgumentException($"The embedding of row {kept[i]} ('{id}') has {embedding.Length} dimensions, the first has {dimensions}; all must have the same number, at least 1, and finite components.", nameof(rows));
            }
        }
    }

    /// <summary>Gives each model's place in the order of prices.</summary>
    private int[] PriceRank(EvaluationRow[] rows, ClusteredModelTrainingOptions options)
    {
        if (options.PriceOrder is { } order)
        {
            string[] missing = [.. Models.Except(order)];
            return missing.Length == 0
                ? Array.ConvertAll(Models, model => order.Index().First(entry => entry.Item == model).Index)
                : throw new ArgumentException($"The order of prices lacks {string.Join(", ", missing)}; it must name every model of the rows, the cheapest first.", nameof(options));
        }

        double?[] costs = Array.ConvertAll(Models, model => rows.Where(row => row.Costs.ContainsKey(model)).Average(row => (double?)row.Costs[model]));
        if (Array.TrueForAll(costs, static cost => cost is not null))
        {
            int[] byCost = [.. Enumerable.Range(0, Models.Length).OrderBy(m => costs[m])];
            return [.. Enumerable.Range(0, Models.Length).Select(m => Array.IndexOf(byCost, m))];
        }

        // Without prices, the order of names has to do where nothing is learned from it.
        int tied = Scores.Count(static scores => scores.Count(score => score == scores.Max()) > 1);
        return tied == 0 || options.Labels != ClusterLabels.BestModel
            ? [.. Enumerable.Range(0, Models.Length)]
            : throw new ArgumentException(
                $"In {tied} rows several models share the highest score, and the rows have no costs of {string.Join(", ", Models.Where((_, m) => costs[m] is null))} to say which of them is the cheapest. "
                + $"Set {nameof(ClusteredModelTrainingOptions.PriceOrder)}, or learn from {nameof(ClusterLabels.RewardDistribution)}.",
                nameof(options));
    }
}
