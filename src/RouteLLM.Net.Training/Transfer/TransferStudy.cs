using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>How well what a trainer learns carries over to sources that it has not seen.</summary>
/// <remarks>
/// <para>
/// For every source two routers are compared on the same rows. One was trained on all other sources (leave one source out): what to expect of traffic that is unlike the training data. The other was trained on this source as well, on rows
/// other than those it is tested on (cross-validation, or a split): what a benchmark of one's own kind promises. The difference between the two is what in-domain figures flatter a router by.
/// </para>
/// <para>
/// Rows of one group, by default of one prompt, are never trained on when one of them is tested on. The trainer is a delegate, so everything that makes a router of rows can be studied; the same rows, options and trainer give
/// the same numbers.
/// </para>
/// </remarks>
public sealed class TransferStudy
{
    private TransferStudy(IReadOnlyList<TransferSource> sources, IReadOnlyList<TransferPair> pairs, IReadOnlyList<TransferFailure> failures, int skippedRows)
    {
        Sources = sources;
        Pairs = pairs;
        Failures = failures;
        SkippedRows = skippedRows;
    }

    /// <summary>Gets the leave-one-source-out table: every source that is tested on, by name.</summary>
    public IReadOnlyList<TransferSource> Sources { get; }

    /// <summary>Gets the train-here-test-there table, by both names; empty unless <see cref="TransferOptions.TrainOnEachSource"/> asks for it.</summary>
    public IReadOnlyList<TransferPair> Pairs { get; }

    /// <summary>Gets the sources that the trainer could make no router of alone; their cells are missing in <see cref="Pairs"/>.</summary>
    public IReadOnlyList<TransferFailure> Failures { get; }

    /// <summary>Gets how many rows were left out because they have neither scores of both models nor a rating.</summary>
    public int SkippedRows { get; }

    /// <summary>Finds a cell of the train-here-test-there table.</summary>
    /// <param name="trainedOn">The source trained on.</param>
    /// <param name="testedOn">The source tested on.</param>
    /// <returns>The score, or <see langword="null"/> if there is none.</returns>
    public TransferScore? Find(string trainedOn, string testedOn) => Pairs.FirstOrDefault(pair => pair.TrainedOn == trainedOn && pair.TestedOn == testedOn)?.Score;

    /// <summary>Runs a study.</summary>
    /// <param name="rows">The rows of all sources, with scores of both models or rated. A source with any scores is measured by those.</param>
    /// <param name="trainer">Makes a router of rows; asked once after another.</param>
    /// <param name="options">The models, the sources, and how to hold out and resample.</param>
    /// <param name="progress">Told of every training that is done.</param>
    /// <param name="cancellationToken">Cancels the study.</param>
    /// <returns>The study.</returns>
    /// <exception cref="ArgumentException">There are too few rows, groups or sources for the study; the trainer cannot train on the rows left when a source or a fold is left out; or the options are wrong.</exception>
    /// <exception cref="EvaluationException">A score is not on the scale, or a router gave something else than probabilities.</exception>
    public static async Task<TransferStudy> RunAsync(
        IReadOnlyList<EvaluationRow> rows, RouterTrainer trainer, TransferOptions options, IProgress<TransferProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var used = new TransferRows(rows, options);
        int[] heldOut = used.Parts(static _ => true, options);
        int[] sources = [.. used.Sources.Select(source => used.TestedSources.IndexOf(source))];
        int done = 0, total = Count(heldOut) + Count(sources) + (options.TrainOnEachSource ? used.TrainedSources.Sum(source => Count(used.Parts(i => used.Sources[i] == source, options))) : 0);

        TransferEvaluation inDomain = await EvaluateAsync(heldOut, static _ => "on all sources, with the rows to test on held out").ConfigureAwait(false);
        TransferEvaluation leftOut = await EvaluateAsync(sources, part => $"without the source '{used.TestedSources[part]}'").ConfigureAwait(false);
        IReadOnlyDictionary<string, PairedDifference> differences = leftOut.Minus(inDomain, cancellationToken);
        TransferSource[] table = [.. used.TestedSources.Select(name =>
        {
            bool isTrained = used.TrainedSources.Contains(name);
            return new TransferSource
            {
                Name = name,
                Rows = leftOut.Count(name),
                InDomain = isTrained ? inDomain.Score(name) : null,
                LeftOut = leftOut.Score(name)!,
                Difference = isTrained ? differences[name] : null,
            };
        })];

        var pairs = new List<TransferPair>();
        var failures = new List<TransferFailure>();
        foreach (string source in options.TrainOnEachSource ? used.TrainedSources : [])
        {
            int before = done;
            int[] parts = used.Parts(i => used.Sources[i] == source, options);
            try
            {
                HeldOutPredictions predictions = await HeldOutPredictions.PredictAsync(used, parts, i => used.CanTrainOn[i] && used.Sources[i] == source, trainer, _ => $"on the source '{source}' alone", Trained, cancellationToken).ConfigureAwait(false);
                TransferEvaluation evaluation = await TransferEvaluation.CreateAsync(used, predictions, options, cancellationToken).ConfigureAwait(false);
                pairs.AddRange(used.TestedSources.Select(tested => new TransferPair(source, tested, evaluation.Score(tested)!)));
            }
            catch (ArgumentException error)
            {
                failures.Add(new TransferFailure(source, error.Message));
                done = before + Count(parts);
                progress?.Report(new TransferProgress(done, total));
            }
        }

        return new TransferStudy(table, pairs, failures, used.Skipped);

        void Trained() => progress?.Report(new TransferProgress(++done, total));

        async Task<TransferEvaluation> EvaluateAsync(int[] parts, Func<int, string> describe)
        {
            HeldOutPredictions predictions = await HeldOutPredictions.PredictAsync(used, parts, i => used.CanTrainOn[i], trainer, describe, Trained, cancellationToken).ConfigureAwait(false);
            return await TransferEvaluation.CreateAsync(used, predictions, options, cancellationToken).ConfigureAwait(false);
        }
    }

    private static int Count(int[] parts) => parts.Where(static part => part >= 0).Distinct().Count();
}
