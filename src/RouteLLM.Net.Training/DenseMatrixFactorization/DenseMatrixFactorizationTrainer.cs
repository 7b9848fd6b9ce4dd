using System.Globalization;
using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Trains a <see cref="MatrixFactorizationModel"/> on embedded prompts: RouteLLM's matrix-factorisation router, from your own battles, scores or labels.</summary>
/// <remarks>
/// <para>
/// It follows RouteLLM's training (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 4.2, and its code): pairwise logistic loss, models' vectors of unit length, Gaussian noise on embeddings, Adam with
/// an L2 penalty. Added are a bias for each model, three ways to take ties, soft labels, weights, and early stopping on groups of prompts that are held out. Before the first step, biases and margin are fitted without the
/// prompts, so that what training adds is what prompts tell.
/// </para>
/// <para>
/// Stopping at the lowest log loss on rows held out keeps probabilities calibrated: a slope fitted on those rows afterwards came out at 1.00 to 1.02 with 1,100 of them and was noise with 100, so there is none. The quantiles
/// of the default pair's scores on rows held out are kept, so that a strong share holds on prompts the model has not seen.
/// </para>
/// <para>The same prompts, embeddings, options and seed give the same bytes on the same kind of processor, with any number of threads.</para>
/// </remarks>
public static class DenseMatrixFactorizationTrainer
{
    /// <summary>Embeds the prompts, each text once, and trains a model.</summary>
    /// <param name="prompts">The prompts and how pairs of models did on them; <see cref="TrainingPrompts"/> makes them of battles, scores and labels.</param>
    /// <param name="generator">Embeds prompts in training and later for routing. It stays the caller's.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Is told how each epoch went; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the embedding and the training.</param>
    /// <returns>The model, its artifact and how training went.</returns>
    /// <exception cref="ArgumentException">A prompt is empty, an outcome or option is not valid, or there is nothing to learn from; or the generator gave vectors that are not finite or differ in length.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than of prompts, or training diverged.</exception>
    public static async Task<TrainedDenseMatrixFactorization> TrainAsync(
        IReadOnlyList<TrainingPrompt> prompts,
        IEmbeddingGenerator<string, Embedding<float>> generator,
        DenseMatrixFactorizationTrainingOptions options,
        IProgress<DenseMatrixFactorizationEpoch>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        CheckNotEmpty(prompts);
        EmbedderFingerprint.Check(generator, options.Embedder, "The model to be trained");
        (float[] embeddings, int[] rows) = await PromptEmbeddings.CreateAsync(prompts, generator, options.EmbeddingBatchSize, cancellationToken).ConfigureAwait(false);
        return await Task.Run(() => Train(prompts, embeddings, rows, options.Embedder ?? EmbedderFingerprint.Of(generator), options, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Trains a model on prompts that are already embedded.</summary>
    /// <param name="prompts">The prompts and how pairs of models did on them. Their texts only say which belong together, and may be empty: then those of equal embeddings do.</param>
    /// <param name="embeddings">The prompts' embeddings, <c>[prompts, dimensions]</c> in C order. They are read while the training runs, not copied.</param>
    /// <param name="options">How to train.</param>
    /// <param name="progress">Is told how each epoch went; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The model, its artifact and how training went.</returns>
    /// <exception cref="ArgumentException">An embedding, outcome or option is not valid, or there is nothing to learn from.</exception>
    /// <exception cref="InvalidOperationException">Training diverged.</exception>
    public static TrainedDenseMatrixFactorization Train(
        IReadOnlyList<TrainingPrompt> prompts,
        ReadOnlyMemory<float> embeddings,
        DenseMatrixFactorizationTrainingOptions options,
        IProgress<DenseMatrixFactorizationEpoch>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prompts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        if (prompts.Count == 0)
        {
            throw new ArgumentException("There are no prompts to train on.", nameof(prompts));
        }

        if (embeddings.Length == 0 || embeddings.Length % prompts.Count != 0)
        {
            throw new ArgumentException($"There are {embeddings.Length} numbers for {prompts.Count} prompts, which is no whole number of dimensions each; give one embedding a prompt, all of the same length.", nameof(embeddings));
        }

        return Train(prompts, embeddings, [.. Enumerable.Range(0, prompts.Count)], options.Embedder, options, progress, cancellationToken);
    }

    private static void CheckNotEmpty(IReadOnlyList<TrainingPrompt> prompts)
    {
        if (prompts.Count == 0)
        {
            throw new ArgumentException("There are no prompts to train on.", nameof(prompts));
        }

        for (int i = 0; i < prompts.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(prompts[i].Prompt))
            {
                throw new ArgumentException($"Prompt {i} is empty, so that there is nothing to embed; leave it out.", nameof(prompts));
            }
        }
    }

    private static TrainedDenseMatrixFactorization Train(
        IReadOnlyList<TrainingPrompt> prompts,
        ReadOnlyMemory<float> embeddings,
        int[] embeddingRows,
        string? embedder,
        DenseMatrixFactorizationTrainingOptions options,
        IProgress<DenseMatrixFactorizationEpoch>? progress,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var data = new DenseTrainingData(prompts, embeddings, embeddingRows, options);
        var training = new DenseTraining(data, options, cancellationToken);
        DenseParameters best = training.Run(progress);
        float[] items = best.Strengths();
        MatrixFactorizationModel Create(ScoreQuantiles? quantiles) => new(data.Models, items, best.Biases, best.Projection, Describe(data, training, best.Margin, embedder, quantiles, options));

        // Quantiles want scores of the model as it will be used, on traffic where it is told apart, and held out where anything is.
        MatrixFactorizationPair pair = Create(null).ForPair(options.StrongModel, options.WeakModel);
        var heldOut = new double[prompts.Count];
        Array.Fill(heldOut, double.NaN);
        foreach (int i in data.HeldOut)
        {
            heldOut[i] = pair.PredictWinProbability(data.Embedding(i));
        }

        int[] scored = data.HeldOut.Length > 0 ? data.HeldOut : data.Training;
        int[] traffic = [.. scored.Where(i => prompts[i].IsTraffic == true)];
        ScoreQuantiles scores = ScoreQuantiles.FromScores((traffic.Length > 0 ? traffic : scored).Select(i => pair.PredictWinProbability(data.Embedding(i))));
        byte[] bytes = MatrixFactorizationArtifact.Write(Create(scores)).ToArray();
        return new TrainedDenseMatrixFactorization(MatrixFactorizationModel.Load(SafetensorsFile.Parse(bytes)), bytes, training.Epochs, training.BestEpoch, heldOut);
    }

    private static MatrixFactorizationModelInfo Describe(
        DenseTrainingData data, DenseTraining training, double margin, string? embedder, ScoreQuantiles? quantiles, DenseMatrixFactorizationTrainingOptions options)
    {
        var metadata = new Dictionary<string, string>
        {
            ["training.prompts"] = data.Training.Length.ToString(CultureInfo.InvariantCulture),
            ["training.held_out"] = data.HeldOut.Length.ToString(CultureInfo.InvariantCulture),
            ["training.epoch"] = training.BestEpoch.ToString(CultureInfo.InvariantCulture),
            ["training.ties"] = options.Ties.ToString(),
            ["training.seed"] = options.Seed.ToString(CultureInfo.InvariantCulture),
        };
        foreach ((string key, string value) in options.Metadata)
        {
            metadata[key] = value;
        }

        return new MatrixFactorizationModelInfo
        {
            Name = options.Name,
            StrongModel = options.StrongModel,
            WeakModel = options.WeakModel,
            TieMargin = margin,
            Embedder = embedder,
            Quantiles = quantiles,
            Metadata = metadata,
        };
    }
}
