using Microsoft.Extensions.AI;

namespace RouteLLM.Cli.Commands.Training;

/// <summary>What a router is to be trained from, and how, as far as it does not depend on the kind.</summary>
/// <param name="Data">The rows.</param>
/// <param name="Name">The router's name.</param>
/// <param name="Seed">The seed.</param>
/// <param name="Embedder">Embeds prompts, where the kind takes embeddings.</param>
/// <param name="Benchmarks">The sources whose rows are benchmark questions rather than traffic, by what they begin with.</param>
/// <param name="Metadata">What the artifact should say of itself.</param>
internal sealed record TrainingJob(TrainingData Data, string Name, int Seed, IEmbeddingGenerator<string, Embedding<float>> Embedder, IReadOnlyList<string> Benchmarks, IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>Gets what to tell the user where a kind learns from scores alone.</summary>
    public IReadOnlyList<string> WarningsAboutRatings => Data.Rated.Count == 0 ? [] : [$"{Data.Rated.Count} rows are rated but not scored, and this kind learns from scores alone; they were left out."];
}
