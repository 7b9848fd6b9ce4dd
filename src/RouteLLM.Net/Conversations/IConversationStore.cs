namespace RouteLLM;

/// <summary>Keeps, by a key, the name of the route that a conversation or a provider's state belongs to, until it expires.</summary>
/// <remarks>Implementations must be thread-safe. What they throw, or a time limit that they exceed, is logged; the request is then decided as if the store held nothing.</remarks>
public interface IConversationStore
{
    /// <summary>Finds the route of a key, and has the key expire anew.</summary>
    /// <param name="key">The key, compared ordinally.</param>
    /// <param name="expiry">After how long the key expires if it is not asked for again.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The route's name, or <see langword="null"/> if the key is unknown or has expired.</returns>
    ValueTask<string?> FindAsync(string key, TimeSpan expiry, CancellationToken cancellationToken = default);

    /// <summary>Keeps a route for a key, unless there is one already.</summary>
    /// <param name="key">The key.</param>
    /// <param name="route">The route's name.</param>
    /// <param name="expiry">After how long the key expires if it is not asked for again.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The route that is kept now: of several callers at once, all get the same.</returns>
    ValueTask<string> GetOrAddAsync(string key, string route, TimeSpan expiry, CancellationToken cancellationToken = default);

    /// <summary>Replaces the route of a key, if it is still the one that the caller knows.</summary>
    /// <param name="key">The key.</param>
    /// <param name="known">The route's name that the caller knows.</param>
    /// <param name="route">The new route's name.</param>
    /// <param name="expiry">After how long the key expires if it is not asked for again.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns><see langword="true"/> if it was replaced; <see langword="false"/> if it has another route by now, or has expired.</returns>
    ValueTask<bool> TryReplaceAsync(string key, string known, string route, TimeSpan expiry, CancellationToken cancellationToken = default);
}
