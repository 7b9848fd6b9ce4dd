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
        MixtureProblem problem, MixtureFit fit, LogisticCalibration calibration, ScoreQuantiles quantiles, HashedMatrixFactorizationTrainingOptions options)
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
        double margin = fit.Benchmark.Margin;
        double trafficBias = fit.Traffic.Biases[0] - fit.Traffic.Biases[1] - fit.Traffic.Margin;
        var items = new double[2, models, dimensions];
        var biases = new double[2, models];
        for (int model = 0; model < models; model++)
        {
            double standing = problem.Standing[model];
            items[0, model, 0] = standing;
            items[1, model, 0] = fit.TrafficShare * standing;
            biases[0, model] = standing * (trafficBias + margin);
            biases[1, model] = fit.Benchmark.Biases[model] + (fit.TrafficShare * standing * trafficBias);
            for (int k = 0; k < fit.Benchmark.Dimensions; k++)
            {
                items[1, model, 2 + k] = fit.Benchmark.Items[(model * fit.Benchmark.Dimensions) + k];
            }
        }

        var gate = new float[dimensions + 1];
        gate[1] = 1;
        gate[dimensions] = (float)(fit.Gate.Biases[0] - fit.Gate.Biases[1] - fit.Gate.Margin);

        var writer = new SafetensorsWriter();
        writer.Add(HashedMatrixFactorizationModel.ProjectionTensor, [HashedTextFeatures.BucketCount, dimensions], projection);
        writer.Add(HashedMatrixFactorizationModel.FeatureWeightTensor, [HashedTextFeatures.BucketCount], [.. problem.Features.BucketWeights.Select(static w => (Half)w)]);
        writer.Add(HashedMatrixFactorizationModel.ItemTensor, [2, models, dimensions], [.. items.Cast<double>().Select(value => (float)(value * calibration.Slope))]);
        writer.Add(HashedMatrixFactorizationModel.BiasTensor, [2, models], [.. biases.Cast<double>().Select((value, i) => (float)((value * calibration.Slope) + (i % models == 0 ? calibration.Intercept : 0)))]);
        writer.Add(HashedMatrixFactorizationModel.GateTensor, [dimensions + 1], gate);
        writer.Add(HashedMatrixFactorizationModel.QuantileTensor, [quantiles.Values.Count], [.. quantiles.Values.Select(static q => (float)q)]);
        writer.Metadata["kind"] = HashedMatrixFactorizationModel.Kind;
        writer.Metadata["version"] = HashedMatrixFactorizationModel.Version;
        writer.Metadata["name"] = options.Name;
        writer.Metadata["features"] = HashedTextFeatures.Fingerprint;
        writer.Metadata["models"] = JsonSerializer.Serialize(problem.Models, StringListContext.Default.StringArray);
        writer.Metadata["default_pair"] = JsonSerializer.Serialize([options.StrongModel, options.WeakModel], StringListContext.Default.StringArray);
        writer.Metadata["tie_margin"] = (margin * calibration.Slope).ToString("R", CultureInfo.InvariantCulture);
        return writer;
    }
}
