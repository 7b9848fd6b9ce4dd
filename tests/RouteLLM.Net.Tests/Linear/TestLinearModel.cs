namespace RouteLLM.Tests.Linear;

/// <summary>Builds small linear models from the words they know.</summary>
internal static class TestLinearModel
{
    /// <summary>The features that are words, with a weight of the feature and a weight for each output.</summary>
    public static readonly (string Word, float FeatureWeight, float[] Outputs)[] Words =
    [
        ("prove", 2, [3, 0.5f, -0.25f]),
        ("hello", 1, [-2, 0.125f, 0.5f]),
        ("証", 1.5f, [1, 0.25f, 0]),
    ];

    public static LinearArtifact Artifact(float bias, ScoreQuantiles quantiles) => Artifact(LinearLink.WinProbability, LinearFeatures.Binary, bias, quantiles);

    public static LinearArtifact Artifact(LinearLink link = LinearLink.WinProbability, LinearFeatures features = LinearFeatures.Binary, float bias = 0.25f, ScoreQuantiles? quantiles = null)
    {
        var words = Words.Select(static word => (Bucket: BucketOf(word.Word), word.FeatureWeight, word.Outputs)).OrderBy(static word => word.Bucket).ToArray();
        string[] models = link == LinearLink.WinProbability ? ["big", "small"] : ["big", "middle", "small"];
        int outputs = link == LinearLink.WinProbability ? 1 : 3;
        return new LinearArtifact
        {
            Name = "test",
            Models = models,
            DefaultPair = ["big", "small"],
            Features = features,
            Link = link,
            Buckets = [.. words.Select(static word => word.Bucket)],
            FeatureWeights = [.. words.Select(static word => word.FeatureWeight)],
            UnseenWeights = features == LinearFeatures.TfIdf ? [0, 0, 0, 0] : [1, 3, 3, 3],
            Weights = [.. Enumerable.Range(0, outputs).SelectMany(output => words.Select(word => word.Outputs[output]))],
            Biases = [.. new[] { bias, 0.5f, 0.75f }.Take(outputs)],
            Calibrations = link == LinearLink.WinProbability ? [] : [.. Enumerable.Range(0, 9).SelectMany(static pair => new[] { 1 + pair, -0.5f * pair })],
            Quantiles = quantiles ?? new ScoreQuantiles([0, 0.25, 1]),
            Metadata = new Dictionary<string, string> { ["data"] = "none", ["kind"] = "mischief" },
        };
    }

    public static LinearModel Load(LinearArtifact artifact) => LinearModel.Load(SafetensorsFile.Parse(artifact.Write().ToArray(), "test.safetensors"));

    public static int BucketOf(string word) => HashedFeatureTracer.Trace(word).Features.First(static feature => feature.Kind == FeatureKind.Body).Bucket;
}
