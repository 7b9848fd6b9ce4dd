using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>The embedded examples of all rules: how similar a prompt is to those of each.</summary>
internal sealed class RuleExamples(IReadOnlyList<RoutingRule> rules, IEmbeddingGenerator<string, Embedding<float>> embedder)
{
    private readonly string[] _texts = [.. rules.SelectMany(static rule => rule.Examples)];
    private volatile float[][]? _embedded;

    /// <summary>Embeds a prompt, and gives for each rule the cosine with the most similar of its examples; NaN for a rule without any.</summary>
    public async ValueTask<double[]> CompareAsync(string prompt, CancellationToken cancellationToken)
    {
        float[][] examples = await EmbedExamplesAsync(cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<float> embedding = await embedder.GenerateVectorAsync(prompt, cancellationToken: cancellationToken).ConfigureAwait(false);
        double[] similarities = new double[rules.Count];
        for (int i = 0, next = 0; i < similarities.Length; i++)
        {
            similarities[i] = double.NaN;
            for (int end = next + rules[i].Examples.Count; next < end; next++)
            {
                float cosine = TensorPrimitives.CosineSimilarity(embedding.Span, examples[next]);
                similarities[i] = cosine > similarities[i] || double.IsNaN(similarities[i]) ? cosine : similarities[i];
            }
        }

        return similarities;
    }

    // Once, by the first request; again where that failed. Two first requests may both do it.
    private async ValueTask<float[][]> EmbedExamplesAsync(CancellationToken cancellationToken)
    {
        if (_embedded is { } done)
        {
            return done;
        }

        GeneratedEmbeddings<Embedding<float>> embeddings = await embedder.GenerateAsync(_texts, cancellationToken: cancellationToken).ConfigureAwait(false);
        float[][] vectors = [.. embeddings.Select(static embedding => embedding.Vector.ToArray())];
        _embedded = vectors;
        return vectors;
    }
}
