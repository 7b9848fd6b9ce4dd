namespace RouteLLM.Training;

/// <summary>A file of embeddings, one a row.</summary>
internal interface IEmbeddingFile : IAsyncDisposable
{
    /// <summary>Gets the number of rows.</summary>
    long Count { get; }

    /// <summary>Reads the rows in order.</summary>
    IAsyncEnumerable<float[]> ReadAsync(CancellationToken cancellationToken);
}
