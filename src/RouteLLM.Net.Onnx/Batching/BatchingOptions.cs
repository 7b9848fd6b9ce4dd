namespace RouteLLM.Onnx;

/// <summary>How prompts of concurrent callers are gathered into batches for one session, and how many may wait.</summary>
/// <remarks>
/// <para>
/// An idle session takes what is there at once, so a lone caller never waits for company. While it is busy, prompts gather, by length, so that short ones are not padded to long ones; when it becomes
/// free it takes the largest batch, unless another prompt has been passed over for <see cref="MaxWait"/>.
/// </para>
/// <para>Padding a batch to its longest prompt changes results in the last digits only (some 1e-6).</para>
/// </remarks>
public sealed class BatchingOptions
{
    /// <summary>Gets or sets how many prompts a batch holds at most. The default is 32; 1 turns batching off.</summary>
    public int MaxBatchSize { get; set; } = 32;

    /// <summary>Gets or sets how many tokens a batch holds at most, padding included, which bounds memory: a batch of long prompts holds fewer of them, one at least. The default is 16,384.</summary>
    public int MaxBatchTokens { get; set; } = 16_384;

    /// <summary>
    /// Gets or sets how long a prompt may be passed over, while the session is free for another batch: for a larger one, or, with several runs at a time, for its own to fill. The default is 5 ms.
    /// </summary>
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// Gets or sets how many batches run at the same time. The default is 1, as a run has all of the session's threads; more may gain where a run cannot use them all, as with short prompts, small models or many cores.
    /// </summary>
    public int MaxConcurrentRuns { get; set; } = 1;

    /// <summary>
    /// Gets or sets how many prompts may wait. The default is 1,024. One more is turned away with <see cref="OnnxQueueFullException"/>, and a routed request then goes where its policy sends those whose router failed.
    /// A call for many prompts waits a batch at a time: it is turned away if the queue is full when it comes, and never later.
    /// </summary>
    public int QueueCapacity { get; set; } = 1024;

    /// <summary>
    /// Gets or sets the lengths, in tokens and ascending, up to which prompts go into one batch; longer ones than the last run alone. The default is powers of two from 16 to 8,192, so that at most half of a batch is padding.
    /// </summary>
    public IReadOnlyList<int> LengthBuckets { get; set; } = [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192];

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBatchTokens, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxConcurrentRuns, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(QueueCapacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxWait, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxWait, TimeSpan.FromMinutes(1));
        ArgumentNullException.ThrowIfNull(LengthBuckets);
        for (int i = 0; i < LengthBuckets.Count; i++)
        {
            if (LengthBuckets[i] <= (i == 0 ? 0 : LengthBuckets[i - 1]))
            {
                throw new ArgumentException($"{nameof(LengthBuckets)} has {LengthBuckets[i]} at {i}; lengths are positive and ascend.");
            }
        }
    }
}
