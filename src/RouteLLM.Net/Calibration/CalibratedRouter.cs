namespace RouteLLM;

/// <summary>Which router a calibration belongs to.</summary>
/// <param name="Name">The router's own name, that of its <see cref="RouterMetadata"/>; an application may have registered it under another.</param>
/// <param name="Fingerprint">The hash of the router's artifact, or <see langword="null"/> if it has none.</param>
/// <param name="StrongModel">The strong model that the router predicts for, or <see langword="null"/> if it predicts for none in particular.</param>
/// <param name="WeakModel">The weak model that the router predicts for, or <see langword="null"/>.</param>
public sealed record CalibratedRouter(string Name, string? Fingerprint = null, string? StrongModel = null, string? WeakModel = null)
{
    /// <summary>Identifies a router.</summary>
    /// <param name="router">The router.</param>
    /// <returns>What its <see cref="RouterMetadata"/> says, or the name of its type if it has none.</returns>
    public static CalibratedRouter Of(IRouter router)
    {
        ArgumentNullException.ThrowIfNull(router);
        return router.GetService<RouterMetadata>() is { } metadata
            ? new CalibratedRouter(metadata.Name, metadata.Fingerprint, metadata.StrongModel, metadata.WeakModel)
            : new CalibratedRouter(router.GetType().Name);
    }

    /// <summary>Names the router, its pair and the beginning of its fingerprint.</summary>
    /// <returns>Such as <c>builtin (a strong, a weak model; artifact 0123456789ab)</c>.</returns>
    public override string ToString()
    {
        string[] details =
        [
            .. StrongModel is null && WeakModel is null ? Array.Empty<string>() : [$"{StrongModel ?? "any"} against {WeakModel ?? "any"}"],
            .. Fingerprint is null ? Array.Empty<string>() : [$"artifact {(Fingerprint.Length > 12 ? Fingerprint[..12] : Fingerprint)}"],
        ];
        return details.Length == 0 ? Name : $"{Name} ({string.Join("; ", details)})";
    }

    /// <summary>Says whether scores of the other router are on the same scale: the same artifact for the same pair, or without artifacts the same name.</summary>
    internal bool Matches(CalibratedRouter other) =>
        (Fingerprint is null && other.Fingerprint is null ? Name == other.Name : Fingerprint == other.Fingerprint) && StrongModel == other.StrongModel && WeakModel == other.WeakModel;
}
