using System.Numerics;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace RouteLLM.Benchmarks;

/// <summary>
/// A query of similarity-weighted ranking and of nearest neighbours over a memory-mapped index, against merely reading the same embeddings on all processors (the baseline; the ratio column
/// is the distance from memory bandwidth). Compare number types by their means.
/// </summary>
[MemoryDiagnoser]
[MinColumn, MedianColumn]
[SimpleJob(warmupCount: 4, iterationCount: 15)]
public class SimilarityIndexBenchmarks
{
    private const int Dimensions = 1536;
    private const int ModelCount = 64;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"routellm-benchmark-{Guid.NewGuid():N}.safetensors");
    private readonly float[] _query = new float[Dimensions];
    private BattleIndex _index = null!;
    private BattleIndexRouter _router = null!;
    private ulong _sink;

    [Params(20_000, 65_000)]
    public int Rows { get; set; }

    [Params(EmbeddingPrecision.Full, EmbeddingPrecision.Half, EmbeddingPrecision.Byte)]
    public EmbeddingPrecision Precision { get; set; }

    [GlobalSetup(Targets = [nameof(ReadOnly), nameof(OpenIndex)])]
    public void SetupIndex() => Build(scores: false);

    [GlobalSetup(Target = nameof(SimilarityWeighted))]
    public void SetupSimilarityWeighted()
    {
        Build(scores: false);
        _router = new SimilarityWeightedRouter(_index, "model-1", "model-40", new NoEmbeddings());
    }

    [GlobalSetup(Target = nameof(WeightedMean))]
    public void SetupWeightedMean()
    {
        Build(scores: true);
        _router = new SimilarityWeightedRouter(_index, "model-1", "model-2", new NoEmbeddings(), new SimilarityWeightedOptions { Method = SimilarityWeightedMethod.MeanOutcome });
    }

    [GlobalSetup(Target = nameof(NearestNeighbors))]
    public void SetupNearestNeighbors()
    {
        Build(scores: true);
        _router = new NearestNeighborRouter(_index, "model-1", "model-2", new NoEmbeddings());
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _index.Dispose();
        File.Delete(_path);
    }

    [Benchmark(Baseline = true)]
    public ulong ReadOnly()
    {
        const int BlockRows = 128;
        using MappedMemory.Lease lease = _index.Memory.Borrow();
        Parallel.For(0, (Rows + BlockRows - 1) / BlockRows, block =>
        {
            long first = (long)block * BlockRows;
            Interlocked.Add(ref _sink, Xor((int)first, (int)Math.Min(BlockRows, Rows - first)));
        });
        return _sink;
    }

    [Benchmark]
    public double SimilarityWeighted() => _router.PredictWinProbability(_query);

    [Benchmark]
    public double WeightedMean() => _router.PredictWinProbability(_query);

    [Benchmark]
    public double NearestNeighbors() => _router.PredictWinProbability(_query);

    [Benchmark]
    public int OpenIndex()
    {
        using BattleIndex index = BattleIndex.Open(_path);
        return index.Count;
    }

    private unsafe ulong Xor(int firstRow, int rows)
    {
        ulong* start = (ulong*)_index.Embeddings.Row(firstRow);
        long count = (long)rows * _index.Embeddings.RowBytes / sizeof(ulong);
        Vector<ulong> a = default, b = default, c = default, d = default;
        int width = Vector<ulong>.Count;
        long i = 0;
        for (; i <= count - (4 * width); i += 4 * width)
        {
            a ^= Vector.Load(start + i);
            b ^= Vector.Load(start + i + width);
            c ^= Vector.Load(start + i + (2 * width));
            d ^= Vector.Load(start + i + (3 * width));
        }

        return Vector.Sum(a ^ b ^ c ^ d);
    }

    private void Build(bool scores)
    {
        var random = new Random(7);
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Precision = Precision });
        var embedding = new float[Dimensions];
        for (int row = 0; row < Rows; row++)
        {
            Fill(random, embedding);
            if (scores)
            {
                builder.Add(null, new Dictionary<string, double> { ["model-1"] = random.NextDouble(), ["model-2"] = random.NextDouble() }, embedding);
            }
            else
            {
                int a = random.Next(ModelCount);
                int b = (a + 1 + random.Next(ModelCount - 1)) % ModelCount;
                builder.Add(new Battle($"model-{a}", $"model-{b}", random.NextDouble() < 0.2 ? BattleWinner.Tie : random.Next(ModelCount * 2) < ModelCount + b - a ? BattleWinner.ModelA : BattleWinner.ModelB), embedding);
            }
        }

        Fill(random, _query);
        builder.Save(_path);
        _index = BattleIndex.Open(_path);
    }

    // As text embedders make them: of length 1, and with a part in common.
    private static void Fill(Random random, float[] embedding)
    {
        double squares = 0;
        for (int i = 0; i < embedding.Length; i++)
        {
            embedding[i] = (float)(random.NextDouble() - 0.4);
            squares += embedding[i] * embedding[i];
        }

        for (int i = 0; i < embedding.Length; i++)
        {
            embedding[i] /= (float)Math.Sqrt(squares);
        }
    }

    private sealed class NoEmbeddings : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("The benchmark scores vectors.");

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
