using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouteLLM.Training;

/// <summary>Fits the weights and the bias of a <see cref="MixtureRouter"/> on labelled prompts.</summary>
/// <remarks>
/// <para>
/// It is logistic regression on the log-odds of the routers' scores (stacking: Wolpert, "Stacked Generalization", 1992), with soft labels, by Newton's method, with a ridge that pulls the weights towards the best router
/// alone. The problem is convex, the same rows give the same weights, and what comes out is never worse on the rows than the best router alone.
/// </para>
/// <para>
/// Take rows that no router was trained on, or give each router's held-out scores: on its own training rows a router looks better than it is, and would get too much weight. A few hundred rows fit a handful of weights.
/// </para>
/// </remarks>
public static class MixtureTrainer
{
    private const int Folds = 5;

    /// <summary>Scores the rows with each router, as one batch, and fits their mixture.</summary>
    /// <param name="routers">The routers to mix, at least one.</param>
    /// <param name="rows">The labelled prompts: at least ten, of at least two groups, with labels that are not all the same.</param>
    /// <param name="penalty">How strongly weights are drawn towards the best router alone, in rows: above 0. The default is 1. The bias is free but for a trace.</param>
    /// <param name="cancellationToken">Cancels the scoring and the fit.</param>
    /// <returns>The mixture and its log losses.</returns>
    /// <exception cref="ArgumentException">There are no routers or too few rows, a label is not in [0, 1], a weight not above 0, or all labels or all groups are the same.</exception>
    /// <exception cref="InvalidOperationException">A router gave a number that is no probability.</exception>
    public static async Task<TrainedMixture> FitAsync(
        IReadOnlyList<IRouter> routers, IReadOnlyList<LabeledPrompt> rows, double penalty = 1, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        ArgumentNullException.ThrowIfNull(rows);
        MixtureTrainingData.Check(rows);
        RouteRequest[] requests = [.. rows.Select(static row => new RouteRequest(row.Prompt))];
        var scores = new IReadOnlyList<double>[routers.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = await routers[i].PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false);
        }

        return Fit(routers, scores, rows, penalty, cancellationToken);
    }

    /// <summary>Fits a mixture of routers whose scores are known, such as those from cross-validation of a router that was trained on the same rows.</summary>
    /// <param name="routers">The routers to mix, at least one.</param>
    /// <param name="scores">For each router, its score of each row, in [0, 1]: <c>[routers, rows]</c>.</param>
    /// <param name="rows">The labelled prompts: at least ten, of at least two groups, with labels that are not all the same.</param>
    /// <param name="penalty">How strongly weights are drawn towards the best router alone, in rows: above 0. The default is 1. The bias is free but for a trace.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    /// <returns>The mixture and its log losses.</returns>
    /// <exception cref="ArgumentException">There are no routers or too few rows, numbers do not match, a label is not in [0, 1], a weight not above 0, or all labels or all groups are the same.</exception>
    /// <exception cref="InvalidOperationException">A score is no probability.</exception>
    public static TrainedMixture Fit(
        IReadOnlyList<IRouter> routers,
        IReadOnlyList<IReadOnlyList<double>> scores,
        IReadOnlyList<LabeledPrompt> rows,
        double penalty = 1,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(rows);
        if (penalty is not (> 0 and < double.PositiveInfinity))
        {
            throw new ArgumentOutOfRangeException(nameof(penalty), penalty, "A penalty is a finite number above 0: without one, labels that the scores separate have no best weights.");
        }

        MixtureTrainingData.Check(rows);
        var data = new MixtureTrainingData(routers, scores, rows);
        int[] folds = AssignFolds(rows);
        var stacking = new LogisticStacking(data, penalty);
        double[] parameters = stacking.Fit([.. Enumerable.Range(0, rows.Count)], cancellationToken);
        var heldOut = new double[rows.Count];
        for (int fold = 0; fold < Folds; fold++)
        {
            double[] without = stacking.Fit([.. Enumerable.Range(0, rows.Count).Where(i => folds[i] != fold)], cancellationToken);
            for (int i = 0; i < rows.Count; i++)
            {
                if (folds[i] == fold)
                {
                    heldOut[i] = data.Logit(without, i);
                }
            }
        }

        double[] probabilities = [.. heldOut.Select(MixtureRouter.Sigmoid)];
        var mixture = new MixtureRouter(routers.Select((router, j) => new MixturePart(router, parameters[j])), parameters[^1]) { Quantiles = ScoreQuantiles.FromScores(probabilities) };
        return new TrainedMixture(
            mixture,
            data.LogLoss(i => data.Logit(parameters, i)),
            data.LogLoss(i => heldOut[i]),
            [.. data.Logits.Select(logits => data.LogLoss(i => logits[i]))],
            probabilities);
    }

    /// <summary>Deals the groups to folds, in an order that depends on their names alone.</summary>
    private static int[] AssignFolds(IReadOnlyList<LabeledPrompt> rows)
    {
        string[] groups = [.. rows.Select(static row => row.Group ?? row.Prompt).Distinct(StringComparer.Ordinal).OrderBy(StableHash).ThenBy(static group => group, StringComparer.Ordinal)];
        if (groups.Length < 2)
        {
            throw new ArgumentException($"All {rows.Count} rows are of one group, so that none can be held out from the others; rows of two groups (prompts, unless they name a group) are needed at least.", nameof(rows));
        }

        Dictionary<string, int> folds = groups.Index().ToDictionary(static pair => pair.Item, static pair => pair.Index % Folds, StringComparer.Ordinal);
        return [.. rows.Select(row => folds[row.Group ?? row.Prompt])];
    }

    private static ulong StableHash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
}
