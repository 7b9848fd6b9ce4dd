using System.Runtime.CompilerServices;
using CsCheck;
using Microsoft.Extensions.AI;
using RouteLLM.Tests.MatrixFactorization;

namespace RouteLLM.Tests.Embeddings;

public class BatchPredictionTests
{
    [Fact]
    public void A_batch_gives_what_single_calls_give_in_the_same_order() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Int[0, 400]).Sample(
            static (seed, count) =>
            {
                MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(seed, hasProjection: true).ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7));
                string[] prompts = Prompts(count);

                IReadOnlyList<double> batch = router.PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();

                Assert.Equal(prompts.Select(prompt => router.PredictWinProbability(TestEmbeddingGenerator.Random(prompt, 7))), batch);
            },
            iter: 30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_batch_is_one_embedding_call_also_through_wrappers(bool isWrapped)
    {
        TestEmbeddingGenerator generator = TestEmbeddingGenerator.OfRandom(7);
        IRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", generator);
        router = isWrapped ? new Wrapper(new Wrapper(router)) : router;

        Assert.Equal(1000, (await router.PredictWinProbabilitiesAsync(Prompts(1000), TestContext.Current.CancellationToken)).Count);

        Assert.Equal(Prompts(1000), Assert.Single(generator.Calls));
    }

    [Fact]
    public async Task No_prompts_need_no_call()
    {
        TestEmbeddingGenerator generator = TestEmbeddingGenerator.OfRandom(7);
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", generator);

        Assert.Empty(await router.PredictWinProbabilitiesAsync(Array.Empty<string>(), TestContext.Current.CancellationToken));
        Assert.Empty(await router.PredictWinProbabilitiesAsync(Prompts(0), new BatchPredictionOptions(), TestContext.Current.CancellationToken));
        Assert.Empty(generator.Calls);
    }

    [Fact]
    public async Task Large_inputs_are_read_and_embedded_a_batch_at_a_time_with_progress()
    {
        int read = 0;
        var generator = new TestEmbeddingGenerator(static text => TestEmbeddingGenerator.Random(text, 7)) { OnCall = () => Assert.Equal(0, Volatile.Read(ref read) % 10 % 5) };
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", generator);
        var progress = new ProgressList();
        IEnumerable<string> Lazily()
        {
            foreach (string prompt in Prompts(25))
            {
                read++;
                yield return prompt;
            }
        }

        IReadOnlyList<double> probabilities = await router.PredictWinProbabilitiesAsync(Lazily(), new BatchPredictionOptions { BatchSize = 10, Progress = progress }, TestContext.Current.CancellationToken);

        Assert.Equal([10, 20, 25], progress);
        Assert.Equal([10, 10, 5], generator.Calls.Select(static call => call.Length));
        Assert.Equal(await router.PredictWinProbabilitiesAsync(Prompts(25), TestContext.Current.CancellationToken), probabilities);
    }

    [Fact]
    public async Task A_stream_is_scored_while_it_lasts()
    {
        TestEmbeddingGenerator generator = TestEmbeddingGenerator.OfRandom(7);
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", generator);
        var progress = new ProgressList();
        int read = 0;
        async IAsyncEnumerable<string> Stream([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (string prompt in Prompts(7))
            {
                await Task.Yield();
                cancellationToken.ThrowIfCancellationRequested();
                read++;
                yield return prompt;
            }
        }

        var probabilities = new List<double>();
        await foreach (double probability in router.PredictWinProbabilitiesAsync(Stream(TestContext.Current.CancellationToken), new BatchPredictionOptions { BatchSize = 3, Progress = progress }, TestContext.Current.CancellationToken))
        {
            probabilities.Add(probability);
            Assert.Equal(Math.Min(7, (probabilities.Count + 2) / 3 * 3), read);
        }

        Assert.Equal([3, 6, 7], progress);
        Assert.Equal(await router.PredictWinProbabilitiesAsync(Prompts(7), TestContext.Current.CancellationToken), probabilities);
    }

    [Fact]
    public async Task Routers_without_batches_are_asked_one_prompt_after_another()
    {
        int running = 0;
        var router = new FakeRouter(async (request, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return double.Parse(request.Prompt);
        });

        Assert.Equal([0, 1, 0], await router.PredictWinProbabilitiesAsync(["0", "1", "0"], TestContext.Current.CancellationToken));
        Assert.Equal([0, 1, 0], await new Wrapper(router).PredictWinProbabilitiesAsync(["0", "1", "0"], new BatchPredictionOptions { BatchSize = 2 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_wrapper_that_hands_out_what_it_wraps_is_not_passed_over()
    {
        MatrixFactorizationRouter inner = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7));

        Assert.Equal([1, 1], await new AlwaysStrong(inner).PredictWinProbabilitiesAsync(["x", "y"], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_cancellation_ends_the_batch()
    {
        using var source = new CancellationTokenSource();
        var generator = new TestEmbeddingGenerator(static text => TestEmbeddingGenerator.Random(text, 7)) { OnCall = source.Cancel };
        MatrixFactorizationRouter router = MatrixFactorizationModelTests.Random(1, hasProjection: true).ForPair("a", "b", generator);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilitiesAsync(Prompts(100), new BatchPredictionOptions { BatchSize = 10 }, source.Token));
        Assert.Single(generator.Calls);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilitiesAsync(Prompts(3), source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("x", source.Token));
        Assert.Single(generator.Calls);
    }

    [Fact]
    public async Task A_generator_that_gives_too_few_vectors_is_reported()
    {
        MatrixFactorizationModel model = MatrixFactorizationModelTests.Random(1, hasProjection: true);
        MatrixFactorizationRouter router = model.ForPair("a", "b", new Forgetful());

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(async () => await router.PredictWinProbabilitiesAsync(["x", "y"], TestContext.Current.CancellationToken));

        Assert.Contains("1 vectors for 2 prompts", exception.Message);
    }

    [Fact]
    public void A_batch_has_at_least_one_prompt() => Assert.Throws<ArgumentOutOfRangeException>(static () => new BatchPredictionOptions { BatchSize = 0 });

    private static string[] Prompts(int count) => [.. Enumerable.Range(0, count).Select(static i => $"prompt {i}")];

    private sealed class Wrapper(IRouter inner) : DelegatingRouter(inner);

    private sealed class AlwaysStrong(IRouter inner) : IRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(1);

        public object? GetService(Type serviceType, object? serviceKey = null) => inner.GetService(serviceType, serviceKey);
    }

    private sealed class ProgressList : List<int>, IProgress<int>
    {
        public void Report(int value) => Add(value);
    }

    private sealed class Forgetful : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
            IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult<GeneratedEmbeddings<Embedding<float>>>(new([new(new float[7])]));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
