using System.Runtime.Intrinsics;

namespace RouteLLM.Training;

/// <summary>The weights of a <see cref="HashedMatrixFactorizationRouter"/>: for its pair of models everything is linear in the features, in three directions.</summary>
internal sealed class HashedPairWeights
{
    public HashedPairWeights(HashedMatrixFactorizationRouter router)
    {
        ReadOnlySpan<Vector128<float>> table = router.Weights;
        Features = new float[table.Length];
        Traffic = new float[table.Length];
        Benchmark = new float[table.Length];
        Gate = new float[table.Length];
        for (int bucket = 0; bucket < table.Length; bucket++)
        {
            // Artifacts hold the weights as halves, so this undoes the square exactly.
            Features[bucket] = (float)(Half)MathF.Sqrt(table[bucket][3]);
            Traffic[bucket] = table[bucket][0] / Features[bucket];
            Benchmark[bucket] = table[bucket][1] / Features[bucket];
            Gate[bucket] = table[bucket][2] / Features[bucket];
        }

        (TrafficBias, BenchmarkBias, GateBias) = (router.Biases[0], router.Biases[1], router.Biases[2]);
    }

    /// <summary>Gets the weight of each bucket before normalisation.</summary>
    public float[] Features { get; }

    public float[] Traffic { get; }

    public float[] Benchmark { get; }

    public float[] Gate { get; }

    public double TrafficBias { get; }

    public double BenchmarkBias { get; }

    public double GateBias { get; }

    /// <summary>Gives the router's own logit of a prompt.</summary>
    public double Logit(ReadOnlySpan<char> prompt)
    {
        var buckets = new int[HashedTextFeatures.GetMaxFeatures(prompt.Length)];
        double traffic = 0, benchmark = 0, gate = 0, squares = 0;
        foreach (int bucket in buckets.AsSpan(0, HashedTextFeatures.Extract(prompt, buckets)))
        {
            double weight = Features[bucket];
            traffic += weight * Traffic[bucket];
            benchmark += weight * Benchmark[bucket];
            gate += weight * Gate[bucket];
            squares += weight * weight;
        }

        double scale = 1 / Math.Sqrt(squares);
        double share = MixtureRouter.Sigmoid((gate * scale) + GateBias);
        return (share * ((traffic * scale) + TrafficBias)) + ((1 - share) * ((benchmark * scale) + BenchmarkBias));
    }

    /// <summary>Writes the pair's weights with a fit worked in: both experts scaled, shifted and corrected alike, the gate as it is.</summary>
    /// <param name="fit">The scale and the offset, and the corrections, already calibrated.</param>
    /// <param name="buckets">The bucket of each correction.</param>
    /// <param name="pair">The names of the strong and the weak model.</param>
    /// <param name="name">The router's name.</param>
    /// <param name="tieMargin">The margin that the original's ties take.</param>
    /// <param name="quantiles">The quantiles of the adapted scores.</param>
    public SafetensorsWriter Write(AdaptationFit fit, int[] buckets, string[] pair, string name, double tieMargin, ScoreQuantiles quantiles)
    {
        (double scale, double offset) = (fit.Calibration[0], fit.Calibration[1]);
        var corrections = new double[Features.Length];
        for (int column = 0; column < fit.Corrections.Length; column++)
        {
            corrections[buckets[column]] = fit.Corrections[column];
        }

        const int Dimensions = 3;
        var projection = new Half[Features.Length * Dimensions];
        for (int bucket = 0; bucket < Features.Length; bucket++)
        {
            projection[bucket * Dimensions] = (Half)((scale * Traffic[bucket]) + corrections[bucket]);
            projection[(bucket * Dimensions) + 1] = (Half)((scale * Benchmark[bucket]) + corrections[bucket]);
            projection[(bucket * Dimensions) + 2] = (Half)Gate[bucket];
        }

        // Under each expert the strong model stands half a unit to one side of the middle and the weak one to the other.
        double margin = Math.Abs(scale) * tieMargin;
        float traffic = (float)(((scale * TrafficBias) + offset + margin) / 2);
        float benchmark = (float)(((scale * BenchmarkBias) + offset + margin) / 2);
        return MixtureArtifact.Write(
            name,
            pair,
            pair,
            margin,
            projection,
            [.. Features.Select(static weight => (Half)weight)],
            [0.5f, 0, 0, -0.5f, 0, 0, 0, 0.5f, 0, 0, -0.5f, 0],
            [traffic, -traffic, benchmark, -benchmark],
            [0, 0, 1, (float)GateBias],
            quantiles);
    }
}
