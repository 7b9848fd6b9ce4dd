using System.Globalization;
using System.Numerics.Tensors;
using CsCheck;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Embeddings;

public class HashedTextEmbeddingGeneratorTests
{
    private static readonly string[] s_texts = ["", " ", "Hello", "What is 2 + 2?", "東京の天気は？", "\uD800 alone", "def f(x):\n    return x * x\n", new('a', 10_000), string.Concat(Enumerable.Repeat("word and word ", 900))];

    [Fact]
    public void A_vector_is_the_signed_sum_of_features_divided_by_its_norm() =>
        Gen.Select(Gen.OneOf(Gen.Int[0, s_texts.Length - 1].Select(static i => s_texts[i]), Gen.String[0, 200]), Gen.Int[0, 12].Select(static i => 1 << i)).Sample(static (text, dimensions) =>
        {
            var buckets = new int[HashedTextFeatures.MaxFeatures];
            int count = HashedTextFeatures.Extract(text, buckets);
            var sums = new double[dimensions];
            foreach (int bucket in buckets.AsSpan(0, count))
            {
                (int component, float sign) = HashedTextEmbeddingGenerator.Project(bucket, dimensions);
                sums[component] += bucket < HashedTextFeatures.ShapeBuckets ? 0.5 * sign : sign;
            }

            double norm = Math.Sqrt(sums.Sum(static x => x * x));
            var vector = new float[dimensions];
            new HashedTextEmbeddingGenerator(dimensions).Embed(text, vector);

            // To the bit: sums of halves are exact in any order, so what remains is one rounding of the norm and one product, the same everywhere.
            Assert.Equal(sums.Select(x => norm == 0 ? 0 : (float)x * (float)(1 / norm)), vector);
        });

    [Theory]
    [InlineData(0, 1024, 418, 1)]
    [InlineData(1, 1024, 177, -1)]
    [InlineData(255, 1024, 903, -1)]
    [InlineData(32768, 512, 19, -1)]
    [InlineData(262143, 4096, 2475, 1)]
    public void Features_are_hashed_to_the_same_place_on_every_platform(int bucket, int dimensions, int component, int sign) =>
        Assert.Equal((component, sign), HashedTextEmbeddingGenerator.Project(bucket, dimensions));

    [Fact]
    public void Features_are_spread_evenly_over_components_and_signs()
    {
        var counts = new int[64];
        float signs = 0;
        for (int bucket = 0; bucket < HashedTextFeatures.BucketCount; bucket++)
        {
            (int component, float sign) = HashedTextEmbeddingGenerator.Project(bucket, counts.Length);
            counts[component]++;
            signs += sign;
        }

        // 8,192 are expected each; five standard deviations are 453, and 3,620 for the sum of signs.
        Assert.All(counts, static count => Assert.InRange(count, 8192 - 453, 8192 + 453));
        Assert.InRange(signs, -3620, 3620);
    }

    [Fact]
    public async Task Texts_that_share_words_are_nearer_than_others()
    {
        var generator = new HashedTextEmbeddingGenerator();
        GeneratedEmbeddings<Embedding<float>> e = await generator.GenerateAsync(
            ["How do I reverse a linked list in Java?", "How do I reverse a string in Java?", "Write a poem about the sea."], cancellationToken: TestContext.Current.CancellationToken);

        float near = TensorPrimitives.Dot(e[0].Vector.Span, e[1].Vector.Span), far = TensorPrimitives.Dot(e[0].Vector.Span, e[2].Vector.Span);

        Assert.InRange(near, far + 0.2f, 1);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public async Task Texts_are_embedded_in_order_few_or_many(int count)
    {
        var generator = new HashedTextEmbeddingGenerator(128);
        string[] texts = [.. Enumerable.Range(0, count).Select(static i => $"Text number {i}.")];
        var expected = new float[128];

        GeneratedEmbeddings<Embedding<float>> embeddings = await generator.GenerateAsync(texts, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(count, embeddings.Count);
        for (int i = 0; i < count; i++)
        {
            generator.Embed(texts[i], expected);
            Assert.Equal(expected, embeddings[i].Vector);
            Assert.Equal(HashedTextEmbeddingGenerator.ModelId, embeddings[i].ModelId);
        }
    }

    [Fact]
    public void Embedding_a_span_allocates_nothing_and_writes_no_further_than_the_vector()
    {
        var generator = new HashedTextEmbeddingGenerator(512);
        var destination = new float[513];
        destination[512] = 42;
        string[] texts = s_texts;
        generator.Embed("warm", destination);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (string text in texts)
        {
            generator.Embed(text, destination);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(42, destination[512]);
    }

    [Fact]
    public void The_culture_makes_no_difference()
    {
        var generator = new HashedTextEmbeddingGenerator();
        float[] here = new float[1024], there = new float[1024];
        generator.Embed("TITLE I. What is 3,5 in LIRA?", here);
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
        try
        {
            generator.Embed("TITLE I. What is 3,5 in LIRA?", there);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Assert.Equal(here, there);
    }

    [Fact]
    public async Task Dimensions_are_stated_heeded_and_checked()
    {
        var generator = new HashedTextEmbeddingGenerator();
        Assert.Equal((HashedTextEmbeddingGenerator.ModelId, 1024), generator.GetService<EmbeddingGeneratorMetadata>() is { } m ? (m.DefaultModelId, m.DefaultModelDimensions) : default);
        Assert.Same(generator, generator.GetService<HashedTextEmbeddingGenerator>());
        Assert.Null(generator.GetService<EmbeddingGeneratorMetadata>("key"));
        Assert.StartsWith(HashedTextFeatures.Fingerprint, HashedTextEmbeddingGenerator.ModelId);

        var options = new EmbeddingGenerationOptions { Dimensions = 64 };
        Assert.Equal(64, (await generator.GenerateVectorAsync("x", options, TestContext.Current.CancellationToken)).Length);

        options.Dimensions = 4097;
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => generator.GenerateAsync(["x"], options, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HashedTextEmbeddingGenerator(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HashedTextEmbeddingGenerator(4097));
        Assert.Contains("holds 1023 numbers", Assert.Throws<ArgumentException>(() => generator.Embed("x", new float[1023])).Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Cancellation_is_honoured(int count)
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => new HashedTextEmbeddingGenerator().GenerateAsync(Enumerable.Repeat("x", count), cancellationToken: source.Token));
    }
}
