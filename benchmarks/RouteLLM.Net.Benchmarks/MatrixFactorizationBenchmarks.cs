using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace RouteLLM.Benchmarks;

/// <summary>
/// The matrix-factorisation router on a ready embedding, beside a bare inner product of the same length; and from the text of a prompt of 300 characters by hashed embeddings, of which embedding alone is the baseline.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class MatrixFactorizationBenchmarks
{
    private const int Dimensions = 1536;
    private const string Prompt =
        "Our checkout service sometimes charges a customer twice when the payment provider times out and the worker retries. Orders are written to Postgres, then a message goes to a queue. " +
        "How should we change the flow so that a retry is safe, and what do we do with the duplicates we already have?";

    private readonly float[] _embedding = Numbers(Dimensions);
    private readonly float[] _weights = Numbers(Dimensions);
    private readonly float[] _hashed = new float[HashedTextEmbeddingGenerator.DefaultDimensions];
    private readonly RouteRequest _request = new(Prompt);
    private readonly RouteRequest[] _requests = [.. Enumerable.Range(0, 1000).Select(static i => new RouteRequest($"{i} {Prompt}"))];
    private readonly HashedTextEmbeddingGenerator _generator = new();
    private MatrixFactorizationPair _pair = null!;
    private MatrixFactorizationRouter _router = null!;
    private MatrixFactorizationRouter _textRouter = null!;

    [GlobalSetup]
    public void Setup()
    {
        MatrixFactorizationModel model = Create(Dimensions);
        _pair = model.ForPair("strong", "weak");
        _router = model.ForPair("strong", "weak", new HashedTextEmbeddingGenerator(Dimensions));
        _textRouter = Create(HashedTextEmbeddingGenerator.DefaultDimensions).ForPair("strong", "weak", _generator);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("Embedding")]
    public float BareDot() => TensorPrimitives.Dot<float>(_embedding, _weights);

    [Benchmark, BenchmarkCategory("Embedding")]
    public double Pair() => _pair.PredictWinProbability(_embedding);

    [Benchmark, BenchmarkCategory("Embedding")]
    public double Router() => _router.PredictWinProbability(_embedding);

    [Benchmark(Baseline = true), BenchmarkCategory("Text")]
    public void EmbedText() => _generator.Embed(Prompt, _hashed);

    [Benchmark, BenchmarkCategory("Text")]
    public ValueTask<double> RouteText() => _textRouter.PredictWinProbabilityAsync(_request);

    [Benchmark(OperationsPerInvoke = 1000), BenchmarkCategory("Text")]
    public ValueTask<IReadOnlyList<double>> RouteBatch() => _textRouter.PredictWinProbabilitiesAsync(_requests);

    private static MatrixFactorizationModel Create(int dimensions) =>
        new(["strong", "weak"], Numbers(2 * 128), new float[2], Numbers(128 * dimensions));

    private static float[] Numbers(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) / 16)];
    }
}
