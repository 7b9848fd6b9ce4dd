namespace RouteLLM.Onnx;

/// <summary>Tokenizes short texts on the caller's thread, and on others what would hold it up.</summary>
internal static class OffThread
{
    // Tokenizing so long a text takes about as long as handing it to another thread is worth.
    private const int LongText = 8192;

    public static ValueTask<ReadOnlyMemory<int>> TokenizeAsync(string text, Func<string, ReadOnlyMemory<int>> tokenize, CancellationToken cancellationToken) =>
        text.Length < LongText ? new(tokenize(text)) : new(Task.Run(() => tokenize(text), cancellationToken));

    public static async Task<ReadOnlyMemory<int>[]> TokenizeAsync(IReadOnlyList<string> texts, Func<string, ReadOnlyMemory<int>> tokenize, CancellationToken cancellationToken)
    {
        var ids = new ReadOnlyMemory<int>[texts.Count];
        await Parallel.ForAsync(0, ids.Length, cancellationToken, (i, _) =>
        {
            ids[i] = tokenize(texts[i]);
            return ValueTask.CompletedTask;
        }).ConfigureAwait(false);
        return ids;
    }
}
