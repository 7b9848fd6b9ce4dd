using System.Collections.Concurrent;

namespace RouteLLM.Onnx.Tests;

/// <summary>A run of a batch that waits until the test lets it go on; the result of an input is its text, and one that says "bad" fails its run.</summary>
internal sealed class GatedRun
{
    private readonly SemaphoreSlim _started = new(0);
    private readonly SemaphoreSlim _gate = new(0);

    public ConcurrentQueue<string[]> Batches { get; } = new();

    public CancellationToken LastToken { get; private set; }

    public string[] Run(IReadOnlyList<string> inputs, CancellationToken cancellationToken)
    {
        Batches.Enqueue([.. inputs]);
        LastToken = cancellationToken;
        _started.Release();
        _gate.Wait(CancellationToken.None);
        return inputs.Contains("bad") ? throw new InvalidDataException("bad input") : [.. inputs.Select(static input => input + "!")];
    }

    public Task StartedAsync() => _started.WaitAsync(TestContext.Current.CancellationToken);

    public void Open(int runs = 1) => _gate.Release(runs);
}
