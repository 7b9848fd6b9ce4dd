namespace RouteLLM;

/// <summary>Options of a <see cref="CachedRouter"/>.</summary>
public sealed class CachedRouterOptions
{
    /// <summary>Gets or sets how long a score is kept, or <see langword="null"/>, the default, for as long as the cache itself says.</summary>
    public TimeSpan? Expiration { get; set; }

    /// <summary>Gets or sets how long a score is kept in this process's memory, or <see langword="null"/>, the default, for as long as the cache itself says.</summary>
    public TimeSpan? LocalExpiration { get; set; }

    /// <summary>
    /// Gets or sets what tells scores of a router from those of another version of it, or <see langword="null"/>, the default. The hash of a trained router's artifact does that by itself; a router without one
    /// is cached in this process's memory alone unless it has a version, for a cache that others share would outlive a change of its code.
    /// </summary>
    public string? Version { get; set; }
}
