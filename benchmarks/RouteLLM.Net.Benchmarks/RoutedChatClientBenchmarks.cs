#pragma warning disable MEAI001 // SemanticRoutingChatClient is experimental; it is what a user might pick instead.
using System.Diagnostics;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;

namespace RouteLLM.Benchmarks;

/// <summary>
/// A whole routed call over inner clients that do nothing: what routing adds. Beside it, calling the inner client directly, and Microsoft.Extensions.AI's
/// semantic router with stored vectors, so that routing alone is compared.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class RoutedChatClientBenchmarks
{
    private const string Prompt =
        "Our checkout service sometimes charges a customer twice when the payment provider times out and the worker retries. Orders are written to Postgres, then a message goes to a queue. " +
        "How should we change the flow so that a retry is safe, and what do we do with the duplicates we already have?";

    private readonly ChatMessage[] _messages = [new(ChatRole.User, Prompt)];
    private readonly NoOpChatClient _inner = new();
    private RoutedChatClient _builtIn = null!;
    private RoutedChatClient _fixed = null!;
    private RoutedChatClient _split = null!;
    private RoutedChatClient _logged = null!;
    private DecisionLog? _log;
    private string? _folder;
    private readonly ChatOptions _turn = new ChatOptions().SetRoutingConversation("conversation");
    private RoutedChatClient _staying = null!;
    private RoutedChatClient _movingUp = null!;
    private RoutedChatClient _adaptive = null!;
    private SemanticRoutingChatClient _semantic = null!;
    private ActivityListener? _activities;
    private MeterListener? _meters;

    [GlobalSetup]
    public void Setup()
    {
        BuiltInRouter.WarmUp();
        _builtIn = new RoutedChatClient(new NoOpChatClient(), new NoOpChatClient(), new TwoModelRoutingOptions { StrongShare = 0.3 });
        _fixed = new RoutedChatClient(new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), new TwoModelRoutingOptions { Threshold = 0.3 });
        _split = new RoutedChatClient(
            new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), new TwoModelRoutingOptions { Threshold = 0.3, Split = new() { Variants = [new() { Name = "control" }, new() { Name = "lower", Threshold = 0.2 }] } });
        _staying = new RoutedChatClient(new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), new TwoModelRoutingOptions { Threshold = 0.3, Conversations = new() });
        _movingUp = new RoutedChatClient(new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), new TwoModelRoutingOptions { Threshold = 0.3, Conversations = new() { Affinity = ConversationAffinity.MoveUp } });
        _adaptive = new RoutedChatClient(
            new NoOpChatClient(), new NoOpChatClient(), new RandomRouter(1), new TwoModelRoutingOptions { Threshold = 0.3, AdaptiveThreshold = new() { StrongShare = 0.3, MonthlyBudget = 1_000_000 } });
        _semantic = new SemanticRoutingChatClient(
            new StoredVectors(), new Dictionary<IChatClient, IReadOnlyList<string>> { [new NoOpChatClient()] = ["prove", "design", "debug"], [new NoOpChatClient()] = ["hello", "thanks", "translate"] }, new NoOpChatClient());
        _semantic.GetResponseAsync(_messages).GetAwaiter().GetResult();
    }

    [GlobalSetup(Targets = [nameof(RoutedWithListeners), nameof(StreamedWithListeners)])]
    public void SetupWithListeners()
    {
        Setup();
        _activities = new ActivityListener { ShouldListenTo = source => source.Name == RoutingTelemetryNames.Source, Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded };
        ActivitySource.AddActivityListener(_activities);
        _meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == RoutingTelemetryNames.Source) { listener.EnableMeasurementEvents(instrument); } } };
        _meters.SetMeasurementEventCallback<double>((_, _, _, _) => { });
        _meters.SetMeasurementEventCallback<long>((_, _, _, _) => { });
        _meters.Start();
    }

    // What no thread has time to write is dropped: measured is what a request pays, while another thread writes as fast as it can.
    [GlobalSetup(Target = nameof(RoutedAndLogged))]
    public void SetupWithLog()
    {
        Setup();
        _folder = Directory.CreateTempSubdirectory("routellm-benchmark-").FullName;
        _log = new DecisionLog(new() { Path = Path.Combine(_folder, "log.jsonl"), MaxFileBytes = 10_000_000, RetainedFiles = 2 });
        var options = new TwoModelRoutingOptions { Threshold = 0.3 };
        options.Observers.Add(_log);
        _logged = new RoutedChatClient(new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), options);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        if (_log is not null)
        {
            _log.Dispose();
            Console.WriteLine($"// Logged: {_log.WrittenCount}, dropped: {_log.DroppedCount}");
            Directory.Delete(_folder!, recursive: true);
        }

        _activities?.Dispose();
        _meters?.Dispose();
    }

    [Benchmark(Baseline = true), BenchmarkCategory("Response")]
    public Task<ChatResponse> Direct() => _inner.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedByFixedScore() => _fixed.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> Routed() => _builtIn.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedWithListeners() => _builtIn.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedBySplit() => _split.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedAndLogged() => _logged.GetResponseAsync(_messages);

    public Task<ChatResponse> RoutedInAConversationThatStays() => _staying.GetResponseAsync(_messages, _turn);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedInAConversationThatMovesUp() => _movingUp.GetResponseAsync(_messages, _turn);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> RoutedByAnAdaptiveThreshold() => _adaptive.GetResponseAsync(_messages);

    [Benchmark, BenchmarkCategory("Response")]
    public Task<ChatResponse> Semantic() => _semantic.GetResponseAsync(_messages);

    [Benchmark(Baseline = true), BenchmarkCategory("Streaming")]
    public Task<int> StreamedDirect() => Drain(_inner);

    [Benchmark, BenchmarkCategory("Streaming")]
    public Task<int> StreamedByFixedScore() => Drain(_fixed);

    [Benchmark, BenchmarkCategory("Streaming")]
    public Task<int> Streamed() => Drain(_builtIn);

    [Benchmark, BenchmarkCategory("Streaming")]
    public Task<int> StreamedWithListeners() => Drain(_builtIn);

    [Benchmark, BenchmarkCategory("Streaming")]
    public Task<int> StreamedSemantic() => Drain(_semantic);

    private async Task<int> Drain(IChatClient client)
    {
        int count = 0;
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync(_messages))
        {
            count++;
        }

        return count;
    }

    /// <summary>An embedding generator that computes nothing: 384 numbers per text, as a small sentence model gives.</summary>
    private sealed class StoredVectors : IEmbeddingGenerator<string, Embedding<float>>
    {
        private readonly Embedding<float> _vector = new(Enumerable.Range(0, 384).Select(i => MathF.Sin(i)).ToArray());

        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(values.Select(_ => _vector)));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
