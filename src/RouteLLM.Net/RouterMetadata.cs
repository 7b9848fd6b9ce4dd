namespace RouteLLM;

/// <summary>What a router says of itself, asked for with <see cref="IRouter.GetService"/>.</summary>
/// <param name="name">The router's default name, such as <c>builtin</c>; an application may register it under another.</param>
/// <param name="strongModel">The strong model the router was trained for, or <see langword="null"/> if it was trained for none in particular.</param>
/// <param name="weakModel">The weak model the router was trained for, or <see langword="null"/>.</param>
/// <param name="fingerprint">A hash of the trained artifact, or <see langword="null"/> if there is none.</param>
public sealed class RouterMetadata(string name, string? strongModel = null, string? weakModel = null, string? fingerprint = null)
{
    /// <summary>Gets the router's default name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the strong model the router was trained for, or <see langword="null"/>.</summary>
    public string? StrongModel { get; } = strongModel;

    /// <summary>Gets the weak model the router was trained for, or <see langword="null"/>.</summary>
    public string? WeakModel { get; } = weakModel;

    /// <summary>Gets a hash of the trained artifact, or <see langword="null"/>.</summary>
    public string? Fingerprint { get; } = fingerprint;
}
