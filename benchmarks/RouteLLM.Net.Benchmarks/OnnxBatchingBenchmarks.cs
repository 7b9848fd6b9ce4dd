using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using RouteLLM.Onnx;

namespace RouteLLM.Benchmarks;

/// <summary>64 callers at once, each with one prompt after another: in batches, one by one, and each calling ONNX Runtime directly from its own thread.</summary>
public class OnnxBatchingBenchmarks
{
    private const int Callers = 64;
    private const int CallsEach = 4;

    private readonly OnnxEmbeddingGenerator _batching = SentenceEmbeddingModel.Load();
    private readonly OnnxEmbeddingGenerator _oneByOne = SentenceEmbeddingModel.Load(new BatchingOptions { MaxBatchSize = 1 });
    private SentenceEmbeddingModel? _direct;
    private string[] _prompts = [];

    public enum Prompt
    {
        Short,
        Mixed,
    }

    [Params(Prompt.Short, Prompt.Mixed)]
    public Prompt Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _direct = new SentenceEmbeddingModel(_batching.GetService<PromptTokenizer>()!);
        _prompts = Kind == Prompt.Short ? SentenceEmbeddingModel.ShortPrompts : SentenceEmbeddingModel.MixedPrompts;
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _direct?.Dispose();
        _batching.Dispose();
        _oneByOne.Dispose();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Callers * CallsEach)]
    public Task OneByOne() => CallAsync(async prompt => await _oneByOne.GenerateVectorAsync(prompt));

    [Benchmark(OperationsPerInvoke = Callers * CallsEach)]
    public Task Direct() => CallAsync(prompt => Task.Run(() => _direct!.Embed(prompt)));

    [Benchmark(OperationsPerInvoke = Callers * CallsEach)]
    public Task Batching() => CallAsync(async prompt => await _batching.GenerateVectorAsync(prompt));

    private Task CallAsync(Func<string, Task> call) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
    {
        for (int i = 0; i < CallsEach; i++)
        {
            await call(_prompts[(caller + (i * 7)) % _prompts.Length]);
        }
    }));
}
