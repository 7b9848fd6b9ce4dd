namespace RouteLLM.Reporting;

/// <summary>What an HTML report holds.</summary>
public sealed record HtmlReportOptions
{
    /// <summary>Gets the title, or <see langword="null"/>, the default, for one that names both models.</summary>
    public string? Title { get; init; }

    /// <summary>Gets a sentence on the data, such as the names of its files and the split; empty by default.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the time that the report says it was made at; the time of now by default.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets how many example prompts of each router are in the report, at least 0; 120 by default. They are spread over all win probabilities, and a third of them lie next to the threshold. The reader sees those next to the slider.</summary>
    public int Examples { get; init; } = 120;

    /// <summary>Gets after how many characters an example prompt is cut off, at least 1; 1,000 by default.</summary>
    public int MaxPromptLength { get; init; } = 1000;

    /// <summary>Gets how many places the slider has at most, at least 2; 400 by default. Each is a threshold that tells prompts apart.</summary>
    public int MaxPoints { get; init; } = 400;

    /// <summary>Gets how bands and comparisons are resampled.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Examples, nameof(Examples));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPromptLength, 1, nameof(MaxPromptLength));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxPoints, 2, nameof(MaxPoints));
    }
}
