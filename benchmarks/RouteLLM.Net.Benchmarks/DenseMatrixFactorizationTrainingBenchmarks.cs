using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using RouteLLM.Training;

namespace RouteLLM.Benchmarks;

/// <summary>Training a matrix factorisation as large as RouteLLM's: ten epochs over 55,000 battles of 64 models, with embeddings of 1,536 numbers, projected to 128.</summary>
[SimpleJob(RunStrategy.Monitoring, warmupCount: 1, iterationCount: 3)]
[MemoryDiagnoser]
public class DenseMatrixFactorizationTrainingBenchmarks
{
    private const int Battles = 55_000, Dimensions = 1536, Models = 64;

    private readonly float[] _embeddings = new float[Battles * Dimensions];
    private readonly TrainingPrompt[] _prompts = new TrainingPrompt[Battles];

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        foreach (ref float component in _embeddings.AsSpan())
        {
            component = (random.NextSingle() - 0.5f) / 11;
        }

        for (int i = 0; i < _prompts.Length; i++)
        {
            int first = random.Next(Models), second = (first + 1 + random.Next(Models - 1)) % Models;
            int outcome = random.Next(4);
            _prompts[i] = new TrainingPrompt("", [new PairOutcome($"model{first}", $"model{second}", outcome == 0 ? 1 : 0, outcome == 1 ? 1 : 0)]);
        }
    }

    [Benchmark]
    public TrainedDenseMatrixFactorization TenEpochs() => DenseMatrixFactorizationTrainer.Train(
        _prompts, _embeddings, new() { StrongModel = "model0", WeakModel = "model1", MaxEpochs = 10, Patience = 10, MaxDegreeOfParallelism = Threads });
}
