using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using RouteLLM.Tests.MatrixFactorization;

namespace RouteLLM.Tests.Embeddings;

/// <summary>Embeddings are cached by Microsoft.Extensions.AI's own middleware: what a router needs of it.</summary>
public class EmbeddingCacheTests
{
    private readonly MemoryDistributedCache _cache = new(Options.Create(new MemoryDistributedCacheOptions()));

    [Fact]
    public async Task A_prompt_is_embedded_once_and_a_batch_asks_only_for_what_is_new()
    {
        TestEmbeddingGenerator generator = TestEmbeddingGenerator.OfRandom(7, "text-embedding-3-small");
        IEmbeddingGenerator<string, Embedding<float>> cached = generator.AsBuilder()
            .UseDistributedCache(_cache, configure: c => c.CacheKeyAdditionalValues = ["text-embedding-3-small"])
            .Build();
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { Embedder = "text-embedding-3-small/7" });
        MatrixFactorizationRouter router = model.ForPair("a", "b", cached);

        double first = await router.PredictWinProbabilityAsync("one", TestContext.Current.CancellationToken);
        IReadOnlyList<double> batch = await router.PredictWinProbabilitiesAsync(["zero", "one", "two"], TestContext.Current.CancellationToken);

        Assert.Equal([["one"], ["zero", "two"]], generator.Calls);
        Assert.Equal(first, batch[1]);
        Assert.Equal(await model.ForPair("a", "b", generator).PredictWinProbabilityAsync("two", TestContext.Current.CancellationToken), batch[2]);
    }

    [Fact]
    public async Task Two_embedders_share_a_cache_if_the_model_is_part_of_the_key()
    {
        IEmbeddingGenerator<string, Embedding<float>> Cached(int dimensions) => TestEmbeddingGenerator.OfRandom(dimensions).AsBuilder()
            .UseDistributedCache(_cache, configure: c => c.CacheKeyAdditionalValues = [$"model-{dimensions}"])
            .Build();

        Assert.Equal(3, (await Cached(3).GenerateVectorAsync("x", cancellationToken: TestContext.Current.CancellationToken)).Length);
        Assert.Equal(7, (await Cached(7).GenerateVectorAsync("x", cancellationToken: TestContext.Current.CancellationToken)).Length);
    }

    [Fact]
    public void A_cache_does_not_hide_that_the_embedder_is_another()
    {
        IEmbeddingGenerator<string, Embedding<float>> cached = TestEmbeddingGenerator.OfRandom(7, "another").AsBuilder().UseDistributedCache(_cache).Build();
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, true, new MatrixFactorizationModelInfo { Embedder = "text-embedding-3-small/7" });

        Assert.Throws<ArgumentException>(() => model.ForPair("a", "b", cached));
    }
}
