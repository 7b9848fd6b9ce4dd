namespace RouteLLM.Training;

/// <summary>A pair of a <see cref="LinearModel"/>.</summary>
internal sealed class AdaptableLinearPair : AdaptablePair
{
    private readonly LinearArtifact _artifact;
    private readonly LinearRouter _router;
    private readonly float[] _squares;
    private readonly double[] _weights;
    private readonly double _bias;

    private AdaptableLinearPair(LinearModel model, string[] pair, LinearRouter router)
        : base(pair, model.Fingerprint, model.Metadata, router.GetService(typeof(ScoreQuantiles)) as ScoreQuantiles)
    {
        _artifact = model.Artifact;
        _router = router;
        _squares = _artifact.Squares();

        // A model of one pair has one output, its logit; of a pool, the pair's logit is the calibrated difference of two.
        bool isPool = model.Link != LinearLink.WinProbability;
        int strong = isPool ? Array.IndexOf(_artifact.Models, pair[0]) : 0, weak = Array.IndexOf(_artifact.Models, pair[1]);
        (double slope, double intercept) = isPool ? _artifact.Calibration(strong, weak) : (1, 0);
        float[] up = _artifact.WeightsOf(strong).ToArray();
        float[] down = isPool ? _artifact.WeightsOf(weak).ToArray() : new float[up.Length];
        _weights = [.. up.Zip(down, (u, d) => slope * (u - d))];
        _bias = intercept + (slope * (_artifact.Biases[strong] - (isPool ? _artifact.Biases[weak] : 0)));
    }

    /// <summary>Takes the named pair if the model can route it, else its default pair.</summary>
    public static AdaptableLinearPair Create(LinearModel model, string[] wanted)
    {
        string[] pair = model.Link != LinearLink.WinProbability && wanted.All(model.Models.Contains) ? wanted : [model.StrongModel, model.WeakModel];
        return new AdaptableLinearPair(model, pair, model.ForPair(pair[0], pair[1]));
    }

    public override double Logit(string prompt) => MixtureRouter.Logit(_router.PredictWinProbability(prompt));

    public override (int[] Buckets, float[] Values) Read(string prompt)
    {
        int[] buckets = LinearText.Read(_artifact.Features, prompt, out ReadOnlySpan<float> values).ToArray();
        float[] weighted = values.ToArray();
        for (int i = 0; i < weighted.Length; i++)
        {
            weighted[i] *= MathF.Sqrt(_squares[buckets[i]]);
        }

        return (buckets, weighted);
    }

    /// <remarks>It is written as a model of one pair. A corrected feature that had no weight gets one, the value of the feature staying what it was.</remarks>
    public override SafetensorsWriter Write(AdaptationFit fit, int[] buckets, string[] pair, string name, ScoreQuantiles scores)
    {
        var weights = new SortedDictionary<int, double>();
        for (int i = 0; i < _weights.Length; i++)
        {
            weights[_artifact.Buckets[i]] = fit.Scale * _weights[i];
        }

        for (int column = 0; column < fit.Corrections.Length; column++)
        {
            weights[buckets[column]] = weights.GetValueOrDefault(buckets[column]) + fit.Corrections[column];
        }

        int[] all = [.. weights.Keys];
        return new LinearArtifact
        {
            Name = name,
            Models = pair,
            DefaultPair = pair,
            Features = _artifact.Features,
            Link = LinearLink.WinProbability,
            Buckets = all,
            FeatureWeights = [.. all.Select(bucket => MathF.Sqrt(_squares[bucket]))],
            UnseenWeights = _artifact.UnseenWeights,
            Weights = [.. weights.Values.Select(static weight => (float)weight)],
            Biases = [(float)((fit.Scale * _bias) + fit.Offset)],
            Calibrations = [],
            Quantiles = scores,
            Metadata = new Dictionary<string, string>(),
        }.Write();
    }

    public override IRouter Load(SafetensorsFile file) => LinearModel.Load(file).ForDefaultPair();
}
