namespace RouteLLM.Tests.Conversations;

/// <summary>A store that fails as a test says.</summary>
internal sealed class FaultyStore(IConversationStore inner) : IConversationStore
{
    private int _asked;

    public Func<CancellationToken, ValueTask<string?>>? Fault { get; set; }

    public int Asked => _asked;

    public ValueTask<string?> FindAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _asked) > 0 && Fault is { } fault ? fault(cancellationToken) : inner.FindAsync(key, expiry, cancellationToken);

    public ValueTask<string> GetOrAddAsync(string key, string route, TimeSpan expiry, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _asked) > 0 && Fault is { } fault ? fault(cancellationToken)! : inner.GetOrAddAsync(key, route, expiry, cancellationToken);

    public async ValueTask<bool> TryReplaceAsync(string key, string known, string route, TimeSpan expiry, CancellationToken cancellationToken = default) =>
        Interlocked.Increment(ref _asked) > 0 && Fault is { } fault ? await fault(cancellationToken) is not null : await inner.TryReplaceAsync(key, known, route, expiry, cancellationToken);
}
