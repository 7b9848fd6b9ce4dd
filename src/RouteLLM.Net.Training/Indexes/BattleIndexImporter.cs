using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Builds a <see cref="BattleIndex"/> from files: battles or scores in JSON lines or Parquet, embeddings in .npy or Parquet.</summary>
/// <remarks>
/// <para>A row of the first file is one of three kinds, all rows of a file being of the same:</para>
/// <list type="bullet">
/// <item>a battle: <c>model_a</c>, <c>model_b</c>, <c>winner</c> (<c>model_a</c>, <c>model_b</c>, <c>tie</c> or <c>tie (bothbad)</c>), and optionally <c>prompt</c>;</item>
/// <item>
/// a battle as Chatbot Arena's preference data have it: <c>model_a</c>, <c>model_b</c>, <c>winner_model_a</c>, <c>winner_model_b</c> (1 or 0; a tie where neither is 1), and <c>prompt</c>, a JSON list
/// of turns of which the first counts. RouteLLM's <c>preprocess_battles</c>;
/// </item>
/// <item>scores, in JSON lines only: <c>scores</c>, an object from model name to a number in [0, 1], and optionally <c>prompt</c>.</item>
/// </list>
/// <para>
/// Embeddings belong to rows in order: as many as there are rows, or as there are rows that are kept. JSON lines may be gzipped, if the name ends in <c>.gz</c>. One Parquet file may hold both.
/// </para>
/// </remarks>
public static class BattleIndexImporter
{
    private const int ProgressSteps = 200;

    /// <summary>Builds an index and writes it to disk.</summary>
    /// <param name="outcomesPath">The battles or scores: <c>.jsonl</c>, <c>.jsonl.gz</c> or <c>.parquet</c>.</param>
    /// <param name="embeddingsPath">The embeddings: <c>.npy</c> (little-endian floats of 2, 4 or 8 bytes, <c>[n, d]</c>, C order) or <c>.parquet</c>.</param>
    /// <param name="indexPath">Where the index goes; a file that is there is replaced.</param>
    /// <param name="options">What is taken; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Is told how many rows are done, some 200 times; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the import; nothing is written then.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="EvaluationDataException">A file holds something else than it should; the message names the file and the line or row.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static async Task<BattleIndexImportResult> ImportAsync(
        string outcomesPath, string embeddingsPath, string indexPath, BattleIndexImportOptions? options = null,
        IProgress<BattleIndexImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(outcomesPath);
        ArgumentException.ThrowIfNullOrEmpty(embeddingsPath);
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        return await ImportAsync(outcomesPath, async _ =>
            IsParquet(embeddingsPath)
                ? await ParquetEmbeddings.OpenAsync(embeddingsPath, (options ?? new()).EmbeddingColumn, cancellationToken).ConfigureAwait(false)
                : NumpyEmbeddings.Open(embeddingsPath), embeddingsPath, indexPath, options ?? new(), progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Builds an index and writes it to disk, with embeddings made on the way.</summary>
    /// <param name="outcomesPath">The battles or scores, each with its prompt: <c>.jsonl</c>, <c>.jsonl.gz</c> or <c>.parquet</c>.</param>
    /// <param name="generator">Embeds the prompts that are kept; the index is made out to it unless the options name another embedder.</param>
    /// <param name="indexPath">Where the index goes; a file that is there is replaced.</param>
    /// <param name="options">What is taken; the defaults if <see langword="null"/>.</param>
    /// <param name="progress">Is told how many rows are done, some 200 times; <see langword="null"/> for nobody.</param>
    /// <param name="cancellationToken">Cancels the import; nothing is written then.</param>
    /// <returns>What came of it.</returns>
    /// <exception cref="EvaluationDataException">A file holds something else than it should, or a row has no prompt; the message names the file and the line or row.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    /// <exception cref="InvalidOperationException">The generator gave another number of vectors than of prompts.</exception>
    public static async Task<BattleIndexImportResult> ImportAndEmbedAsync(
        string outcomesPath, IEmbeddingGenerator<string, Embedding<float>> generator, string indexPath, BattleIndexImportOptions? options = null,
        IProgress<BattleIndexImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(outcomesPath);
        ArgumentNullException.ThrowIfNull(generator);
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        options ??= new BattleIndexImportOptions();
        var index = new BattleIndexOptions { Embedder = options.Index.Embedder ?? EmbedderFingerprint.Of(generator), KeepPrompts = options.Index.KeepPrompts, Precision = options.Index.Precision };
        foreach ((string key, string value) in options.Index.Provenance)
        {
            index.Provenance[key] = value;
        }

        options = new BattleIndexImportOptions { Index = index, MinimumPromptLength = options.MinimumPromptLength, EmbeddingColumn = options.EmbeddingColumn };
        return await ImportAsync(
            outcomesPath, kept => Task.FromResult<IEmbeddingFile>(new MadeEmbeddings(generator, kept, outcomesPath)), outcomesPath, indexPath, options, progress, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<BattleIndexImportResult> ImportAsync(
        string outcomesPath, Func<IReadOnlyList<OutcomeRow>, Task<IEmbeddingFile>> open, string embeddingsPath, string indexPath, BattleIndexImportOptions options,
        IProgress<BattleIndexImportProgress>? progress, CancellationToken cancellationToken)
    {
        List<OutcomeRow> rows = IsParquet(outcomesPath)
            ? await ParquetOutcomes.ReadAsync(outcomesPath, cancellationToken).ConfigureAwait(false)
            : await JsonOutcomes.ReadAsync(outcomesPath, cancellationToken).ConfigureAwait(false);
        bool[] kept = [.. rows.Select(row => row.Prompt is null || PromptText.IsAtLeast(row.Prompt, options.MinimumPromptLength))];
        int keptCount = kept.Count(static keep => keep);
        if (keptCount == 0)
        {
            throw new EvaluationDataException(outcomesPath, Math.Max(rows.Count, 1), $"of {rows.Count} rows none is left; an index needs at least one. Look at the file and at {nameof(BattleIndexImportOptions.MinimumPromptLength)}.");
        }

        // Opened before rows are asked for, so that a wrong number of them is told at once.
        IEmbeddingFile embeddings = await open([.. rows.Where((_, i) => kept[i])]).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposal = embeddings.ConfigureAwait(false);
        if (embeddings.Count != rows.Count && embeddings.Count != keptCount)
        {
            throw new EvaluationDataException(
                embeddingsPath, 1, $"it has {embeddings.Count} embeddings, but '{outcomesPath}' has {rows.Count} rows, {keptCount} of them with long enough prompts. Embed the same rows in the same order.");
        }

        bool filtered = embeddings.Count == keptCount;
        var builder = new BattleIndexBuilder(options.Index);
        int total = (int)embeddings.Count, step = Math.Max(1, total / ProgressSteps), done = 0, row = -1;
        await foreach (float[] embedding in embeddings.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            row++;
            while (filtered && !kept[row])
            {
                row++;
            }

            if (kept[row])
            {
                Add(builder, rows[row], embedding, outcomesPath, embeddingsPath, done + 1);
            }

            if (++done % step == 0 || done == total)
            {
                progress?.Report(new BattleIndexImportProgress(done, total));
            }
        }

        builder.Save(indexPath);
        return new BattleIndexImportResult(builder.Count, rows.Count - builder.Count, builder.Dimensions);
    }

    private static bool IsParquet(string path) => path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);

    private static void Add(BattleIndexBuilder builder, OutcomeRow row, float[] embedding, string outcomesPath, string embeddingsPath, int number)
    {
        try
        {
            if (row.Battle is not null)
            {
                builder.Add(row.Battle, embedding);
            }
            else
            {
                builder.Add(row.Prompt, row.Scores!, embedding);
            }
        }
        catch (Exception exception) when (exception is ArgumentException or InvalidOperationException)
        {
            bool ofEmbedding = exception is ArgumentException { ParamName: "embedding" };
            throw new EvaluationDataException(ofEmbedding ? embeddingsPath : outcomesPath, ofEmbedding ? number : row.Line, exception.Message, exception);
        }
    }
}
