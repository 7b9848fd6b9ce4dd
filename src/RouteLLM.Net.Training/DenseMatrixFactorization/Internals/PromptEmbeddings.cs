using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>Embeds the texts of prompts, each once.</summary>
internal static class PromptEmbeddings
{
    /// <summary>Embeds the distinct texts in batches, one batch after the other.</summary>
    /// <returns>The embeddings, <c>[distinct texts, dimensions]</c>, and for each prompt the row that is its.</returns>
    public static async Task<(float[] Embeddings, int[] Rows)> CreateAsync(
        IReadOnlyList<TrainingPrompt> prompts, IEmbeddingGenerator<string, Embedding<float>> generator, int batchSize, CancellationToken cancellationToken)
    {
        var rowOf = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] rows = [.. prompts.Select(prompt => rowOf.TryGetValue(prompt.Prompt, out int row) ? row : rowOf[prompt.Prompt] = rowOf.Count)];
        string[] texts = [.. rowOf.OrderBy(static pair => pair.Value).Select(static pair => pair.Key)];
        float[] embeddings = [];
        int dimensions = 0, done = 0;
        foreach (string[] batch in texts.Chunk(batchSize))
        {
            GeneratedEmbeddings<Embedding<float>> vectors = await generator.GenerateAsync(batch, cancellationToken: cancellationToken).ConfigureAwait(false);
            if (vectors.Count != batch.Length)
            {
                throw new InvalidOperationException($"The embedding generator gave {vectors.Count} vectors for {batch.Length} prompts.");
            }

            foreach (Embedding<float> vector in vectors)
            {
                if (done == 0)
                {
                    dimensions = vector.Vector.Length;
                    embeddings = new float[(long)texts.Length * dimensions];
                }

                if (vector.Vector.Length != dimensions || dimensions == 0)
                {
                    throw new ArgumentException(
                        $"The embedding of the prompt \"{texts[done][..Math.Min(texts[done].Length, 60)]}\" has {vector.Vector.Length} dimensions and that of the first {dimensions}; they must all have the same number, at least 1.", nameof(generator));
                }

                vector.Vector.Span.CopyTo(embeddings.AsSpan(done++ * dimensions));
            }
        }

        return (embeddings, rows);
    }
}
