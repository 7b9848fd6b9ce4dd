using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Embeddings that are made while they are read.</summary>
internal sealed class MadeEmbeddings : IEmbeddingFile
{
    // Enough for full batches of like length, and few enough to be cancelled soon.
    private const int BatchSize = 256;

    private readonly IEmbeddingGenerator<string, Embedding<float>> _generator;
    private readonly string[] _prompts;

    /// <exception cref="EvaluationDataException">A row has no prompt.</exception>
    public MadeEmbeddings(IEmbeddingGenerator<string, Embedding<float>> generator, IReadOnlyList<OutcomeRow> rows, string path)
    {
        _generator = generator;
        _prompts = [.. rows.Select(row => row.Prompt ?? throw new EvaluationDataException(path, row.Line, "it has no prompt, so there is nothing to embed. Give every row its prompt, or bring the embeddings."))];
    }

    public long Count => _prompts.Length;

    public async IAsyncEnumerable<float[]> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string[] batch in _prompts.Chunk(BatchSize))
        {
            GeneratedEmbeddings<Embedding<float>> embeddings = await _generator.GenerateAsync(batch, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (embeddings.Count != batch.Length)
            {
                throw new InvalidOperationException($"The embedding generator gave {embeddings.Count} vectors for {batch.Length} prompts.");
            }

            foreach (Embedding<float> embedding in embeddings)
            {
                yield return embedding.Vector.ToArray();
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
