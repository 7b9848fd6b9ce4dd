using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Training;

/// <summary>Writes a fitted mixture as the artifact of a <see cref="HashedMatrixFactorizationModel"/>.</summary>
/// <remarks>
/// The dimensions of traffic, gate and benchmarks stand side by side in one projection. The calibration is worked into vectors, biases and margin, and so is the traffic expert's share in the benchmark expert.
/// </remarks>
internal static class MixtureArtifact
{
    public static SafetensorsWriter Create(
        MixtureProblem problem, MixtureFit fit, MixtureCalibration calibration, ScoreQuantiles quantiles, HashedMatrixFactorizationTrainingOptions options)
    {
        int models = problem.Models.Length;
        int dimensions = 2 + fit.Benchmark.Dimensions;
        var projection = new Half[HashedTextFeatures.BucketCount * dimensions];
        for (int column = 0; column < problem.Features.Buckets.Length; column++)
        {
            Span<Half> row = projection.AsSpan(problem.Features.Buckets[column] * dimensions, dimensions);
            row[0] = (Half)fit.Traffic.Projection[column];
            row[1] = (Half)fit.Gate.Projection[column];
            for (int k = 0; k < fit.Benchmark.Dimensions; k++)
            {
                row[2 + k] = (Half)fit.Benchmark.Projection[(column * fit.Benchmark.Dimensions) + k];
            }
        }

        // One pair has been rated on traffic; what that says of another pair is taken to be in proportion to the models' standing.
        (LogisticCalibration traffic, LogisticCalibration benchmark) = (calibration.Traffic, calibration.Benchmark);
        double margin = fit.Benchmark.Margin * benchmark.Slope;
        double trafficBias = fit.Traffic.Biases[0] - fit.Traffic.Biases[1] - fit.Traffic.Margin;
        var items = new float[2, models, dimensions];
        var biases = new float[2, models];
        for (int model = 0; model < models; model++)
        {
            double standing = problem.Standing[model];
            items[0, model, 0] = (float)(traffic.Slope * standing);
            items[1, model, 0] = (float)(benchmark.Slope * fit.TrafficShare * standing);
            biases[0, model] = (float)(standing * ((traffic.Slope * trafficBias) + margin));
            biases[1, model] = (float)(benchmark.Slope * (fit.Benchmark.Biases[model] + (fit.TrafficShare * standing * trafficBias)));
            for (int k = 0; k < fit.Benchmark.Dimensions; k++)
            {
                items[1, model, 2 + k] = (float)(benchmark.Slope * fit.Benchmark.Items[(model * fit.Benchmark.Dimensions) + k]);
            }
        }

        biases[0, 0] += (float)traffic.Intercept;
        biases[1, 0] += (float)benchmark.Intercept;
        var gate = new float[dimensions + 1];
        gate[1] = 1;
        gate[dimensions] = (float)(fit.Gate.Biases[0] - fit.Gate.Biases[1] - fit.Gate.Margin);

        return Write(
            options.Name,
            problem.Models,
            [options.StrongModel, options.WeakModel],
            margin,
            projection,
            [.. problem.Features.BucketWeights.Select(static w => (Half)w)],
            [.. items.Cast<float>()],
            [.. biases.Cast<float>()],
            gate,
            quantiles);
    }

    /// <summary>Writes the parts of a model, in the shapes they have in the file, row after row.</summary>
    /// <param name="name">The router's name.</param>
    /// <param name="models">The models' names.</param>
    /// <param name="defaultPair">The strong and the weak model of the pair that is calibrated.</param>
    /// <param name="tieMargin">The margin that ties take.</param>
    /// <param name="projection">The projection, <c>[buckets, dimensions]</c>.</param>
    /// <param name="featureWeights">The weight of each bucket before normalisation, <c>[buckets]</c>.</param>
    /// <param name="items">The models' vectors under both experts, <c>[2, models, dimensions]</c>.</param>
    /// <param name="biases">The models' biases under both experts, <c>[2, models]</c>.</param>
    /// <param name="gate">The gate's vector and bias, <c>[dimensions + 1]</c>.</param>
    /// <param name="quantiles">The quantiles of the default pair's scores.</param>
    public static SafetensorsWriter Write(
        string name, string[] models, string[] defaultPair, double tieMargin, Half[] projection, Half[] featureWeights, float[] items, float[] biases, float[] gate, ScoreQuantiles quantiles)
    {
        int dimensions = gate.Length - 1;
        float[] otherWeights = OtherWeights(projection, featureWeights, dimensions);
        int[] used = [.. Enumerable.Range(0, featureWeights.Length).Where(bucket =>
            (float)featureWeights[bucket] != otherWeights[HashedTextFeatures.BlockOf(bucket)] || Row(projection, bucket, dimensions).ContainsAnyExcept(default(Half)))];
        var bits = new byte[featureWeights.Length / 8];
        foreach (int bucket in used)
        {
            bits[bucket >> 3] |= (byte)(1 << (bucket & 7));
        }

        var writer = new SafetensorsWriter();
        writer.Add(HashedMatrixFactorizationModel.UsedTensor, SafetensorsType.U8, [bits.Length], bits);
        writer.Add(HashedMatrixFactorizationModel.ProjectionTensor, [used.Length, dimensions], [.. used.SelectMany(bucket => Row(projection, bucket, dimensions).ToArray())]);
        writer.Add(HashedMatrixFactorizationModel.FeatureWeightTensor, [used.Length], [.. used.Select(bucket => featureWeights[bucket])]);
        writer.Add(HashedMatrixFactorizationModel.OtherWeightTensor, [otherWeights.Length], otherWeights);
        writer.Add(HashedMatrixFactorizationModel.ItemTensor, [2, models.Length, dimensions], items);
        writer.Add(HashedMatrixFactorizationModel.BiasTensor, [2, models.Length], biases);
        writer.Add(HashedMatrixFactorizationModel.GateTensor, [dimensions + 1], gate);
        writer.Add(ArtifactMetadata.QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static q => (float)q)]);
        writer.Metadata["kind"] = HashedMatrixFactorizationModel.Kind;
        writer.Metadata["version"] = HashedMatrixFactorizationModel.Version;
        writer.Metadata["name"] = name;
        writer.Metadata["features"] = HashedTextFeatures.Fingerprint;
        writer.Metadata["models"] = JsonSerializer.Serialize(models, StringListContext.Default.StringArray);
        writer.Metadata["default_pair"] = JsonSerializer.Serialize(defaultPair, StringListContext.Default.StringArray);
        writer.Metadata["tie_margin"] = tieMargin.ToString("R", CultureInfo.InvariantCulture);
        return writer;
    }

    /// <summary>Gives what most buckets of each block weigh that have nothing in the projection: these need not be written.</summary>
    private static float[] OtherWeights(Half[] projection, Half[] featureWeights, int dimensions)
    {
        var weights = new List<float>();
        int start = 0;
        foreach (int end in HashedTextFeatures.BlockEnds)
        {
            IGrouping<Half, int>? most = Enumerable.Range(start, end - start)
                .Where(bucket => !Row(projection, bucket, dimensions).ContainsAnyExcept(default(Half)))
                .GroupBy(bucket => featureWeights[bucket])
                .MaxBy(static same => same.Count());
            weights.Add(most is null ? 1 : (float)most.Key);
            start = end;
        }

        return [.. weights];
    }

    private static ReadOnlySpan<Half> Row(Half[] projection, int bucket, int dimensions) => projection.AsSpan(bucket * dimensions, dimensions);
}
