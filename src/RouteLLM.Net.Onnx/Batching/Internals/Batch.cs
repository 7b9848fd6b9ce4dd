using System.Diagnostics.CodeAnalysis;

namespace RouteLLM.Onnx;

/// <summary>Items that are run together.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A source without a timer holds nothing to release, and the last caller may give up after the run has ended.")]
internal sealed class Batch<TInput, TResult>(BatchItem<TInput, TResult>[] items)
{
    private readonly CancellationTokenSource _abandoned = new();

    public BatchItem<TInput, TResult>[] Items { get; } = items;

    /// <summary>Gets or sets how many callers still want their result; guarded by the batcher's lock.</summary>
    public int Wanted { get; set; } = items.Length;

    /// <summary>Gets a token that is cancelled when nobody wants a result any more.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    public void Abandon() => _abandoned.Cancel();
}
