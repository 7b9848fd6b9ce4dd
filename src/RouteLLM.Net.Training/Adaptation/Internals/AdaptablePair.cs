namespace RouteLLM.Training;

/// <summary>A router of one pair of models whose logit is linear in features of the prompt, or a mixture of such, so that corrections of features can be worked into it.</summary>
/// <param name="models">The strong and the weak model that the router was made for.</param>
/// <param name="fingerprint">The fingerprint of its artifact.</param>
/// <param name="metadata">What its artifact says of itself.</param>
/// <param name="quantiles">The quantiles of its scores, if they are known.</param>
internal abstract class AdaptablePair(string[] models, string fingerprint, IReadOnlyDictionary<string, string> metadata, ScoreQuantiles? quantiles)
{
    public string[] Models => models;

    public string Fingerprint => fingerprint;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    public ScoreQuantiles? Quantiles => quantiles;

    /// <summary>Gives the router's own logit of a prompt.</summary>
    public abstract double Logit(string prompt);

    /// <summary>Reads the features of a prompt: the buckets, each once, and the weighted value of each, before all are divided by their norm.</summary>
    public abstract (int[] Buckets, float[] Values) Read(string prompt);

    /// <summary>Writes the router with a fit worked in.</summary>
    /// <param name="fit">The fit, calibrated.</param>
    /// <param name="buckets">The bucket of each correction, ascending.</param>
    /// <param name="pair">The names of the strong and the weak model.</param>
    /// <param name="name">The router's name.</param>
    /// <param name="scores">The quantiles of the adapted scores.</param>
    public abstract SafetensorsWriter Write(AdaptationFit fit, int[] buckets, string[] pair, string name, ScoreQuantiles scores);

    /// <summary>Loads what <see cref="Write"/> has written.</summary>
    public abstract IRouter Load(SafetensorsFile file);
}
