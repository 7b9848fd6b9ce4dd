namespace RouteLLM.Onnx;

/// <summary>One input on its way through a <see cref="DynamicBatcher{TInput, TResult}"/>, and its caller's task.</summary>
internal sealed class BatchItem<TInput, TResult> : TaskCompletionSource<TResult>
{
    // A caller's continuation must not hold up the thread that runs batches.
    public BatchItem(TInput input)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        Input = input;
        Node = new LinkedListNode<BatchItem<TInput, TResult>>(this);
    }

    public TInput Input { get; }

    /// <summary>Gets the place in a line; it has no list once the item was taken or has left.</summary>
    public LinkedListNode<BatchItem<TInput, TResult>> Node { get; }

    /// <summary>Gets or sets the time stamp of arrival.</summary>
    public long Arrived { get; set; }

    /// <summary>Gets or sets the batch that took the item, or <see langword="null"/> while it waits.</summary>
    public Batch<TInput, TResult>? Batch { get; set; }
}
