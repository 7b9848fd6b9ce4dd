namespace RouteLLM;

/// <summary>How many prompts are scored: in batches of what size, and reporting what to whom.</summary>
public sealed class BatchPredictionOptions
{
    private readonly int _batchSize = 1024;

    /// <summary>
    /// Gets how many prompts make a batch, at least 1. Prompts are taken from their source a batch at a time, and a router over embeddings makes one embedding call per batch: keep to what its service takes in a call.
    /// The default is 1,024.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is less than 1.</exception>
    public int BatchSize
    {
        get => _batchSize;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            _batchSize = value;
        }
    }

    /// <summary>Gets who is told, after each batch, how many prompts have been scored so far; nobody by default.</summary>
    public IProgress<int>? Progress { get; init; }
}
