namespace RouteLLM;

/// <summary>What a <see cref="MatrixFactorizationModel"/> says of itself besides its weights.</summary>
public sealed class MatrixFactorizationModelInfo
{
    /// <summary>Gets the router's default name. The default is <c>mf</c>.</summary>
    public string Name { get; init; } = "mf";

    /// <summary>Gets the strong model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public string? StrongModel { get; init; }

    /// <summary>Gets the weak model of the default pair, or <see langword="null"/> if there is no such pair.</summary>
    public string? WeakModel { get; init; }

    /// <summary>
    /// Gets the margin eta, at least 0, by which a model must be stronger before it is as likely as not to be the better one: what ties take. The default is 0: ties have no share, and were left out of training.
    /// </summary>
    public double TieMargin { get; init; }

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
