using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Predicts rows by routers that were trained without them.</summary>
internal sealed class HeldOutPredictions
{
    private HeldOutPredictions(int rows)
    {
        Values = new double[rows];
        TrainingRows = new int[rows];
        Array.Fill(Values, double.NaN);
    }

    /// <summary>Gets each row's win probability; NaN for rows in no part.</summary>
    public double[] Values { get; }

    /// <summary>Gets on how many rows the router was trained that gave it.</summary>
    public int[] TrainingRows { get; }

    /// <summary>Trains once for every part, without its rows, and predicts those of them that are tested on.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="parts">The part of each row, or -1 for rows that are in none; every part has a row that is tested on.</param>
    /// <param name="canTrainOn">Which rows may be trained on. Those of a part's own groups are left out as well.</param>
    /// <param name="trainer">The trainer.</param>
    /// <param name="describe">Says how a part's training was done, for the message if it fails: "without the source 'a'".</param>
    /// <param name="trained">Told of every training done.</param>
    /// <param name="cancellationToken">Cancels the work.</param>
    /// <exception cref="ArgumentException">The trainer cannot train on the rows left, or none is left.</exception>
    public static async Task<HeldOutPredictions> PredictAsync(TransferRows rows, int[] parts, Func<int, bool> canTrainOn, RouterTrainer trainer, Func<int, string> describe, Action trained, CancellationToken cancellationToken)
    {
        var predictions = new HeldOutPredictions(parts.Length);
        foreach (int part in parts.Where(static part => part >= 0).Distinct().Order())
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] members = [.. rows.Tested.Where(i => parts[i] == part)];
            HashSet<string> groups = [.. members.Select(i => rows.Groups[i])];
            EvaluationRow[] training = [.. Enumerable.Range(0, parts.Length).Where(i => canTrainOn(i) && parts[i] != part && !groups.Contains(rows.Groups[i])).Select(i => rows.Rows[i])];
            if (training.Length == 0)
            {
                throw new ArgumentException($"Training {describe(part)} failed: no row is left that shares no prompt with those tested on.");
            }

            IRouter router = await TrainAsync(trainer, training, describe(part), cancellationToken).ConfigureAwait(false);
            IReadOnlyList<double> probabilities = await router.PredictWinProbabilitiesAsync(members.Select(i => rows.Rows[i].Prompt), cancellationToken).ConfigureAwait(false);
            foreach ((int k, int member) in members.Index())
            {
                predictions.Values[member] = probabilities[k];
                predictions.TrainingRows[member] = training.Length;
            }

            // What a trainer holds on to, such as a mapped file, is not needed any more.
            (router as IDisposable)?.Dispose();
            trained();
        }

        return predictions;
    }

    private static async Task<IRouter> TrainAsync(RouterTrainer trainer, EvaluationRow[] rows, string how, CancellationToken cancellationToken)
    {
        try
        {
            return await trainer(rows, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException error)
        {
            throw new ArgumentException($"Training {how} failed: {error.Message}", error);
        }
    }
}
