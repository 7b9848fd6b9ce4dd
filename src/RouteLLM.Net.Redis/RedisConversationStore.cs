using StackExchange.Redis;

namespace RouteLLM.Redis;

/// <summary>Keeps the routes of conversations, and of providers' state, in Redis, for many instances and over restarts.</summary>
/// <remarks>
/// Each key is a Redis string with an expiry of its own; every operation is one atomic command or script. Needs Redis 6.2 or later. A server that fails over may lose what it had not replicated:
/// a conversation is then decided anew.
/// </remarks>
public sealed class RedisConversationStore : IConversationStore
{
    // KEYS[1] the key; ARGV: what is known, the new route, milliseconds.
    private const string Replace = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1 end return 0";

    // KEYS[1] the key; ARGV: the route, milliseconds.
    private const string GetOrAdd = "local kept = redis.call('GET', KEYS[1]) if kept then redis.call('PEXPIRE', KEYS[1], ARGV[2]) return kept end redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return ARGV[1]";

    private readonly IConnectionMultiplexer _connection;
    private readonly string _prefix;

    /// <summary>Initializes a new instance of the <see cref="RedisConversationStore"/> class.</summary>
    /// <param name="connection">The connection; it stays the caller's and is not disposed. One with <c>abortConnect=false</c> may be given while the server is down.</param>
    /// <param name="prefix">What keys begin with, so that applications can share a server. The default is <c>routellm:</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="connection"/> or <paramref name="prefix"/> is <see langword="null"/>.</exception>
    public RedisConversationStore(IConnectionMultiplexer connection, string prefix = "routellm:")
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(prefix);
        _connection = connection;
        _prefix = prefix;
    }

    /// <inheritdoc/>
    public async ValueTask<string?> FindAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default) =>
        await Database.StringGetSetExpiryAsync(KeyOf(key), expiry).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<string> GetOrAddAsync(string key, string route, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(route);
        RedisResult kept = await Database.ScriptEvaluateAsync(GetOrAdd, [KeyOf(key)], [route, Milliseconds(expiry)]).WaitAsync(cancellationToken).ConfigureAwait(false);
        return (string)kept!;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> TryReplaceAsync(string key, string known, string route, TimeSpan expiry, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(route);
        RedisResult replaced = await Database.ScriptEvaluateAsync(Replace, [KeyOf(key)], [known, route, Milliseconds(expiry)]).WaitAsync(cancellationToken).ConfigureAwait(false);
        return (bool)replaced;
    }

    private IDatabase Database => _connection.GetDatabase();

    private static long Milliseconds(TimeSpan expiry) => Math.Max((long)expiry.TotalMilliseconds, 1);

    private RedisKey KeyOf(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return _prefix + key;
    }
}
