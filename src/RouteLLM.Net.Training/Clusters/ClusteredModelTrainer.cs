using System.Globalization;
using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Trains a <see cref="ClusteredModel"/> from rows with scores of three models or more.</summary>
/// <remarks>
/// <para>
/// Embeddings are clustered by k-means (Lloyd, 1982; k-means++). A multinomial logistic regression is fitted to all rows; in each cluster with enough of them another one, drawn towards the first by a ridge on the distance (Evgeniou and Pontil,
/// "Regularized Multi-Task Learning", 2004), so that a cluster departs from it only as far as its rows bear out. Clusters with fewer rows, or with too few different best models, take the global one as it is.
/// </para>
/// <para>
/// Everything, clusters included, is fitted again without each of several parts of the rows, to report how good the model is and to calibrate the default pair on rows that were held out. Copies of a prompt are held out together.
/// </para>
/// <para>Rows that lack a model's score are left out, with a warning. The same rows, options and seed give the same bytes, with any number of threads, on processors with vectors of the same width.</para>
/// </remarks>
public static class ClusteredModelTrainer
{
    private const int EmbeddingBatch = 256;

    /// <summary>Embeds the rows' prompts and trains a model.</summary>
    /// <param name="rows">The rows, with scores of the same three models or more, and their costs if there are any.</param>
    /// <param name="generator">Embeds prompts; the model names it as its embedder. It stays the caller's.</param>
    /// <param name="options">How to train; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Is told of progress and of warnings, from several threads; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact, how good it is, and warnings.</returns>
    /// <exception cref="ArgumentException">Nothing can be learned from the rows; the message says why.</exception>
    public static async Task<TrainedClusteredModel> TrainAsync(
        IReadOnlyList<EvaluationRow> rows,
        IEmbeddingGenerator<string, Embedding<float>> generator,
        ClusteredModelTrainingOptions? options = null,
        IProgress<ClusteredTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(generator);
        var embeddings = new List<ReadOnlyMemory<float>>(rows.Count);
        foreach (EvaluationRow[] batch in rows.Chunk(EmbeddingBatch))
        {
            GeneratedEmbeddings<Embedding<float>> generated = await generator.GenerateAsync(batch.Select(static row => row.Prompt), cancellationToken: cancellationToken).ConfigureAwait(false);
            embeddings.AddRange(generated.Select(static embedding => embedding.Vector));
            progress?.Report(new ClusteredTrainingProgress(ClusteredTrainingStage.Embedding, embeddings.Count, rows.Count));
        }

        return Train(rows, embeddings, options ?? new(), EmbedderFingerprint.Of(generator) ?? options?.Embedder, progress, cancellationToken);
    }

    /// <summary>Trains a model on prompts that are already embedded.</summary>
    /// <param name="rows">The rows, with scores of the same three models or more, and their costs if there are any.</param>
    /// <param name="embeddings">The embedding of each row's prompt, in the same order, all of the same number of dimensions.</param>
    /// <param name="options">How to train; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Is told of progress and of warnings, from several threads; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact, how good it is, and warnings.</returns>
    /// <exception cref="ArgumentException">Nothing can be learned from the rows; the message says why.</exception>
    public static TrainedClusteredModel Train(
        IReadOnlyList<EvaluationRow> rows,
        IReadOnlyList<ReadOnlyMemory<float>> embeddings,
        ClusteredModelTrainingOptions? options = null,
        IProgress<ClusteredTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(embeddings);
        return Train(rows, embeddings, options ?? new(), options?.Embedder, progress, cancellationToken);
    }

    private static TrainedClusteredModel Train(
        IReadOnlyList<EvaluationRow> rows,
        IReadOnlyList<ReadOnlyMemory<float>> embeddings,
        ClusteredModelTrainingOptions options,
        string? embedder,
        IProgress<ClusteredTrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var problem = new ClusteredProblem(rows, embeddings, options);
        var warnings = new List<string>();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = options.MaxDegreeOfParallelism, CancellationToken = cancellationToken };
        SortedDictionary<int, double> silhouettes = [];
        int clusters = options.ClusterCount ?? ClusterCountChoice.Choose(problem, options, silhouettes, progress, parallel);
        CheckRows(problem, clusters, options);
        WarnOfInput(problem, clusters, Warn);

        (ClusteredModel fitted, HeldOutChoices heldOut) = Fit(problem, clusters, options, progress, parallel);
        int[] shared = [.. Enumerable.Range(0, fitted.ClusterCount).Where(cluster => !fitted.HasOwnClassifier(cluster))];
        if (shared.Length > 0)
        {
            Warn($"{shared.Length} of {clusters} clusters have fewer than {options.MinimumClusterRows} rows or too few different best models, and are served by the global classifier: {string.Join(", ", shared)}.");
        }

        ClusteredModelQuality quality = heldOut.Measure();
        ClusteredModelInfo info = Describe(problem, options, embedder, heldOut, quality);
        byte[] bytes = ClusteredArtifact.Write(new ClusteredModel(
            problem.Models, fitted.Centroids, [.. fitted.ClusterRows], fitted.ClassifierOfCluster, fitted.Weights, fitted.Biases, info)).ToArray();
        return new TrainedClusteredModel(ClusteredModel.Load(SafetensorsFile.Parse(bytes)), bytes, quality, silhouettes, warnings);

        void Warn(string warning)
        {
            warnings.Add(warning);
            progress?.Report(new ClusteredTrainingProgress(ClusteredTrainingStage.Fitting, 0, options.Folds + 1, warning));
        }
    }

    private static void CheckRows(ClusteredProblem problem, int clusters, ClusteredModelTrainingOptions options)
    {
        int different = KMeansClustering.CountDifferent(problem.Embeddings, clusters);
        if (different < clusters)
        {
            throw new ArgumentException(
                $"The {problem.Embeddings.Length} rows have {different} different embeddings, too few for {clusters} clusters. Give more rows, set {nameof(options.ClusterCount)} to at most {different}, or check the embedder.");
        }

        if (problem.Folds.Distinct().Count() < 2)
        {
            throw new ArgumentException($"The {problem.Folds.Length} rows cannot be held out from one another: they are too few, or have the same prompt. Give more rows.");
        }
    }

    private static void WarnOfInput(ClusteredProblem problem, int clusters, Action<string> warn)
    {
        if (problem.LeftOut > 0)
        {
            warn($"{problem.LeftOut} rows lack the score of at least one of the {problem.Models.Length} models and are left out.");
        }

        if (problem.Scores.Length < ClusteredModelTrainingOptions.FewRows)
        {
            warn($"There are {problem.Scores.Length} rows; with fewer than {ClusteredModelTrainingOptions.FewRows}, clusters have too few to learn much of their own.");
        }

        if (clusters < ClusteredModelTrainingOptions.FewClusters)
        {
            warn($"There are {clusters} clusters; fewer than {ClusteredModelTrainingOptions.FewClusters} hardly differ from one classifier for all.");
        }
        else if (clusters > ClusteredModelTrainingOptions.ManyClusters)
        {
            warn($"There are {clusters} clusters; with more than {ClusteredModelTrainingOptions.ManyClusters}, most have few rows.");
        }
    }

    private static (ClusteredModel Model, HeldOutChoices HeldOut) Fit(
        ClusteredProblem problem, int clusters, ClusteredModelTrainingOptions options, IProgress<ClusteredTrainingProgress>? progress, ParallelOptions parallel)
    {
        var fitter = new ClusteredFitter(problem, options);
        var heldOut = new HeldOutChoices(problem);
        int[] all = [.. Enumerable.Range(0, problem.Scores.Length)];
        ClusteredModel? model = null;
        int done = 0;
        Parallel.For(0, options.Folds + 1, parallel, fold =>
        {
            // The last one holds nothing out: it is the model.
            int[] fitted = [.. all.Where(row => problem.Folds[row] != fold)];
            int[] rest = [.. all.Where(row => problem.Folds[row] == fold)];
            if (fold == options.Folds)
            {
                model = fitter.Fit(all, clusters, parallel.CancellationToken);
            }
            else if (rest.Length > 0)
            {
                heldOut.Add(fitter.Fit(fitted, clusters, parallel.CancellationToken), fitted, rest);
            }

            progress?.Report(new ClusteredTrainingProgress(ClusteredTrainingStage.Fitting, Interlocked.Increment(ref done), options.Folds + 1));
        });
        return (model!, heldOut);
    }

    private static ClusteredModelInfo Describe(ClusteredProblem problem, ClusteredModelTrainingOptions options, string? embedder, HeldOutChoices heldOut, ClusteredModelQuality quality)
    {
        var metadata = new Dictionary<string, string>
        {
            ["training.rows"] = problem.Scores.Length.ToString(CultureInfo.InvariantCulture),
            ["training.seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
            ["training.labels"] = options.Labels == ClusterLabels.BestModel ? "best-model" : "reward-distribution",
            ["training.held_out_quality"] = quality.Clustered.Quality.ToString("0.0000", CultureInfo.InvariantCulture),
        };
        foreach ((string key, string value) in options.Metadata)
        {
            metadata[key] = value;
        }

        if (options is not { StrongModel: { } strong, WeakModel: { } weak })
        {
            return new ClusteredModelInfo { Name = options.Name, Embedder = embedder, Metadata = metadata };
        }

        (LogisticCalibration calibration, ScoreQuantiles quantiles) = heldOut.Calibrate(Array.IndexOf(problem.Models, strong), Array.IndexOf(problem.Models, weak));
        return new ClusteredModelInfo
        {
            Name = options.Name,
            StrongModel = strong,
            WeakModel = weak,
            CalibrationSlope = calibration.Slope,
            CalibrationIntercept = calibration.Intercept,
            Embedder = embedder,
            Quantiles = quantiles,
            Metadata = metadata,
        };
    }
}
