using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouteLLM.Training;

/// <summary>Fits the weights and the bias of a <see cref="MixtureRouter"/> on labelled prompts.</summary>
/// <remarks>
/// <para>
/// It is logistic regression on the logits of the routers' scores (stacking: Wolpert, "Stacked Generalization", 1992), by Newton's method, with a ridge that pulls the weights towards the best router alone. The problem is convex, the same
/// rows give the same weights, and what comes out is never worse on the rows than the best router alone.
/// </para>
/// <para>
/// Take rows that no router was trained on, or give each router's held-out scores: a router has seen too good results on its own training rows, and would get too much weight. A few hundred rows fit a handful of weights.
/// </para>
/// </remarks>
public static class MixtureTrainer
{
    /// <summary>Scores the rows with each router, as batches, and fits their mixture.</summary>
    /// <param name="routers">The routers, at least one.</param>
    /// <param name="rows">The labelled prompts.</param>
    /// <param name="options">How to fit; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the scoring and the fit.</param>
    /// <returns>The router, its weights, and how good it is.</returns>
    /// <exception cref="ArgumentException">There is nothing to fit: see <see cref="Train"/>.</exception>
    /// <exception cref="InvalidOperationException">A router gave a number that is no probability.</exception>
    public static async Task<TrainedMixture> TrainAsync(
        IReadOnlyList<IRouter> routers, IReadOnlyList<MixtureTrainingRow> rows, MixtureTrainingOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        ArgumentNullException.ThrowIfNull(rows);
        RouteRequest[] requests = [.. rows.Select(static row => new RouteRequest(row.Prompt))];
        var scores = new IReadOnlyList<double>[routers.Count];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = await routers[i].PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false);
        }

        return Train(routers, scores, rows, options, cancellationToken);
    }

    /// <summary>Fits a mixture of routers whose scores are known, such as scores from cross-validation of a router that was trained on the same rows.</summary>
    /// <param name="routers">The routers, at least one.</param>
    /// <param name="scores">For each router, its score of each row, in [0, 1]: <c>[routers, rows]</c>.</param>
    /// <param name="rows">The labelled prompts.</param>
    /// <param name="options">How to fit; the defaults if <see langword="null"/>.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    /// <returns>The router, its weights, and how good it is.</returns>
    /// <exception cref="ArgumentException">
    /// There are no routers or no rows with a weight, numbers do not match, a label is no probability or a weight negative, all labels are the same, or all rows are of one group.
    /// </exception>
    /// <exception cref="InvalidOperationException">A score is no probability.</exception>
    public static TrainedMixture Train(
        IReadOnlyList<IRouter> routers,
        IReadOnlyList<IReadOnlyList<double>> scores,
        IReadOnlyList<MixtureTrainingRow> rows,
        MixtureTrainingOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(routers);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(rows);
        options ??= new MixtureTrainingOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Folds, 2);
        if (!(options.Penalty > 0 && double.IsFinite(options.Penalty)))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Penalty, "The penalty is a positive number: without one, labels that the scores separate have no best weights.");
        }

        string[] names = [.. routers.Select(static router => new MixturePart(router, 0).Name)];
        MixtureTrainingData data = MixtureTrainingData.Create(names, scores, rows);
        int[] folds = AssignFolds(rows, options.Folds);
        var stacking = new LogisticStacking(data, options.Penalty);
        double[] parameters = stacking.Fit([.. Enumerable.Range(0, rows.Count)], cancellationToken);
        var heldOutLogits = new double[rows.Count];
        for (int fold = 0; fold <= folds.Max(); fold++)
        {
            double[] without = stacking.Fit([.. Enumerable.Range(0, rows.Count).Where(i => folds[i] != fold)], cancellationToken);
            for (int i = 0; i < rows.Count; i++)
            {
                if (folds[i] == fold)
                {
                    heldOutLogits[i] = data.Logit(without, i);
                }
            }
        }

        double[] heldOut = [.. heldOutLogits.Select(MixtureRouter.Sigmoid)];

        MixtureRouterOptions given = options.Router;
        var routerOptions = new MixtureRouterOptions
        {
            Name = given.Name,
            OnFailure = given.OnFailure,
            PartTimeLimit = given.PartTimeLimit,
            PartLeftOut = given.PartLeftOut,
            TimeProvider = given.TimeProvider,
            Quantiles = given.Quantiles ?? ScoreQuantiles.FromScores(heldOut),
        };
        var router = new MixtureRouter(routers.Select((router, j) => new MixturePart(router, parameters[j])), parameters[^1], routerOptions);
        return new TrainedMixture(
            router,
            [.. names.Select((name, j) => new TrainedMixturePart(name, parameters[j], data.LogLoss(i => data.Logits[j][i])))],
            data.LogLoss(i => data.Logit(parameters, i)),
            data.LogLoss(i => heldOutLogits[i]),
            heldOut);
    }
    /// <summary>Deals the groups to folds, in an order that depends on their names alone.</summary>
    private static int[] AssignFolds(IReadOnlyList<MixtureTrainingRow> rows, int count)
    {
        string[] groups = [.. rows.Select(static row => row.Group ?? row.Prompt).Distinct(StringComparer.Ordinal).OrderBy(StableHash).ThenBy(static group => group, StringComparer.Ordinal)];
        if (groups.Length < 2)
        {
            throw new ArgumentException($"All {rows.Count} rows are of one group, so that none can be held out from the others; at least two groups (prompts, unless rows name a group) are needed.", nameof(rows));
        }

        Dictionary<string, int> folds = groups.Index().ToDictionary(static pair => pair.Item, pair => pair.Index % count, StringComparer.Ordinal);
        return [.. rows.Select(row => folds[row.Group ?? row.Prompt])];
    }

    private static ulong StableHash(string text) => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan())));
}
