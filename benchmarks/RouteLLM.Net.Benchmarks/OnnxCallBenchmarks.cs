using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;
using RouteLLM.Onnx;

namespace RouteLLM.Benchmarks;

/// <summary>One caller alone: a sentence embedding against the same model called through ONNX Runtime directly, tokens and pooling included in both.</summary>
[MemoryDiagnoser]
public class OnnxCallBenchmarks
{
    private readonly OnnxEmbeddingGenerator _generator = SentenceEmbeddingModel.Load();
    private SentenceEmbeddingModel? _direct;
    private string _text = "";

    public enum Prompt
    {
        Short,
        Long,
    }

    [Params(Prompt.Short, Prompt.Long)]
    public Prompt Kind { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _direct = new SentenceEmbeddingModel(_generator.GetService<PromptTokenizer>()!);
        _text = Kind == Prompt.Short ? SentenceEmbeddingModel.ShortPrompts[0] : SentenceEmbeddingModel.MixedPrompts[^1];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _direct?.Dispose();
        _generator.Dispose();
    }

    [Benchmark(Baseline = true)]
    public float[] Direct() => _direct!.Embed(_text);

    [Benchmark]
    public async Task<ReadOnlyMemory<float>> Generator() => await _generator.GenerateVectorAsync(_text);
}
