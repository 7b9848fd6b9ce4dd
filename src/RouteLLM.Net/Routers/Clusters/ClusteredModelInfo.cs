namespace RouteLLM;

/// <summary>What a <see cref="ClusteredModel"/> says of itself besides its weights.</summary>
public sealed class ClusteredModelInfo
{
    /// <summary>Gets the router's default name. The default is <c>clusters</c>.</summary>
    public string Name { get; init; } = "clusters";

    /// <summary>Gets the strong model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public string? WeakModel { get; init; }

    /// <summary>Gets the slope, above 0, that calibrates the default pair's logits. The default is 1.</summary>
    public double CalibrationSlope { get; init; } = 1;

    /// <summary>Gets the intercept that calibrates the default pair's logits. The default is 0.</summary>
    public double CalibrationIntercept { get; init; }

    /// <summary>
    /// Gets the embedder the model was trained with: the model's id, followed by a slash and the number of dimensions where that is known, such as <c>text-embedding-3-small/1536</c>; or <see langword="null"/> if unknown.
    /// A generator that says it is another one is refused.
    /// </summary>
    public string? Embedder { get; init; }

    /// <summary>Gets the quantiles of the default pair's scores over some traffic, or <see langword="null"/>.</summary>
    public ScoreQuantiles? Quantiles { get; init; }

    /// <summary>Gets anything else worth keeping with the weights, such as data, licences and settings of the training. Keys that the artifact uses itself (<c>kind</c>, <c>models</c> and the like) are overwritten.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}
