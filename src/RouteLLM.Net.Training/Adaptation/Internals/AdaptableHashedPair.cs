using System.Runtime.Intrinsics;

namespace RouteLLM.Training;

/// <summary>A pair of a <see cref="HashedMatrixFactorizationModel"/>: everything is linear in the features, in the three directions of traffic, benchmarks and gate.</summary>
internal sealed class AdaptableHashedPair : AdaptablePair
{
    private readonly double _tieMargin;
    private readonly float[] _features = new float[HashedTextFeatures.BucketCount];
    private readonly float[] _traffic = new float[HashedTextFeatures.BucketCount];
    private readonly float[] _benchmark = new float[HashedTextFeatures.BucketCount];
    private readonly float[] _gate = new float[HashedTextFeatures.BucketCount];
    private readonly Vector128<float> _biases;

    private AdaptableHashedPair(HashedMatrixFactorizationModel model, string[] pair, HashedMatrixFactorizationRouter router)
        : base(pair, model.Fingerprint, model.Metadata, router.GetService(typeof(ScoreQuantiles)) as ScoreQuantiles)
    {
        _tieMargin = model.TieMargin;
        _biases = router.Biases;
        ReadOnlySpan<Vector128<float>> weights = router.Weights;
        for (int bucket = 0; bucket < weights.Length; bucket++)
        {
            // Artifacts hold the weights as halves, so this undoes the square exactly.
            Vector128<float> weight = weights[bucket];
            float feature = (float)(Half)MathF.Sqrt(weight[3]);
            _features[bucket] = feature;
            _traffic[bucket] = weight[0] / feature;
            _benchmark[bucket] = weight[1] / feature;
            _gate[bucket] = weight[2] / feature;
        }
    }

    /// <summary>Takes the named pair if the model knows both, else its default pair.</summary>
    public static AdaptableHashedPair Create(HashedMatrixFactorizationModel model, string[] wanted)
    {
        string[] pair = wanted.All(model.Models.Contains) ? wanted : [model.StrongModel, model.WeakModel];
        return new AdaptableHashedPair(model, pair, model.ForPair(pair[0], pair[1]));
    }

    public override double Logit(string prompt)
    {
        (int[] buckets, float[] values) = Read(prompt);
        double traffic = 0, benchmark = 0, gate = 0, squares = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            double value = values[i];
            traffic += value * _traffic[buckets[i]];
            benchmark += value * _benchmark[buckets[i]];
            gate += value * _gate[buckets[i]];
            squares += value * value;
        }

        double scale = 1 / Math.Sqrt(squares);
        double share = MixtureRouter.Sigmoid((gate * scale) + _biases[2]);
        return (share * ((traffic * scale) + _biases[0])) + ((1 - share) * ((benchmark * scale) + _biases[1]));
    }

    public override (int[] Buckets, float[] Values) Read(string prompt)
    {
        var buffer = new int[HashedTextFeatures.GetMaxFeatures(prompt.Length)];
        int[] buckets = buffer[..HashedTextFeatures.Extract(prompt, buffer)];
        return (buckets, [.. buckets.Select(bucket => _features[bucket])]);
    }

    /// <remarks>Both experts are scaled, shifted and corrected alike, so that the gate may stay as it is. Of all the dimensions three are left.</remarks>
    public override SafetensorsWriter Write(AdaptationFit fit, int[] buckets, string[] pair, string name, ScoreQuantiles scores)
    {
        (double scale, double offset) = (fit.Scale, fit.Offset);
        var corrections = new double[_features.Length];
        for (int column = 0; column < fit.Corrections.Length; column++)
        {
            corrections[buckets[column]] = fit.Corrections[column];
        }

        const int Dimensions = 3;
        var projection = new Half[_features.Length * Dimensions];
        for (int bucket = 0; bucket < _features.Length; bucket++)
        {
            projection[bucket * Dimensions] = (Half)((scale * _traffic[bucket]) + corrections[bucket]);
            projection[(bucket * Dimensions) + 1] = (Half)((scale * _benchmark[bucket]) + corrections[bucket]);
            projection[(bucket * Dimensions) + 2] = (Half)_gate[bucket];
        }

        // Under each expert the strong model stands half a unit to one side of the middle and the weak one to the other.
        double margin = Math.Abs(scale) * _tieMargin;
        float traffic = (float)(((scale * _biases[0]) + offset + margin) / 2);
        float benchmark = (float)(((scale * _biases[1]) + offset + margin) / 2);
        return MixtureArtifact.Write(
            name,
            pair,
            pair,
            margin,
            projection,
            [.. _features.Select(static weight => (Half)weight)],
            [0.5f, 0, 0, -0.5f, 0, 0, 0, 0.5f, 0, 0, -0.5f, 0],
            [traffic, -traffic, benchmark, -benchmark],
            [0, 0, 1, _biases[2]],
            scores);
    }

    public override IRouter Load(SafetensorsFile file) => HashedMatrixFactorizationModel.Load(file).ForDefaultPair();
}
