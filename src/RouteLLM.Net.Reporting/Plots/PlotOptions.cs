namespace RouteLLM.Reporting;

/// <summary>What a picture shows.</summary>
public sealed record PlotOptions
{
    /// <summary>Gets the name of the slice; all rows by default.</summary>
    public string Slice { get; init; } = QualityRequirement.Overall;

    /// <summary>Gets what runs along the horizontal axis of cost-quality curves; the cost where it is known by default.</summary>
    public CurveAxis Axis { get; init; }

    /// <summary>Gets a value indicating whether a band around each cost-quality curve shows its bootstrap intervals; <see langword="true"/> by default.</summary>
    public bool ShowBands { get; init; } = true;

    /// <summary>Gets how the bands are resampled.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    /// <summary>Gets the title, or <see langword="null"/>, the default, for one that says what is shown.</summary>
    public string? Title { get; init; }
}
