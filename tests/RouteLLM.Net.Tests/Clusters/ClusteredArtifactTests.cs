using CsCheck;

namespace RouteLLM.Tests.Clusters;

public class ClusteredArtifactTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        ClusteredModel model = TestClusters.Create();
        ClusteredModel read = ClusteredModel.Load(SafetensorsFile.Parse(ClusteredArtifact.Write(model).ToArray()));
        Assert.Equal(model.Models, read.Models);
        Assert.Equal(model.ClusterRows, read.ClusterRows);
        Assert.Equal(model.Centroids.ToArray(), read.Centroids.ToArray());
        Assert.Equal(model.ClassifierOfCluster.ToArray(), read.ClassifierOfCluster.ToArray());
        Assert.Equal(model.Weights.ToArray(), read.Weights.ToArray());
        Assert.Equal(model.Biases.ToArray(), read.Biases.ToArray());
        Assert.Equal(model.Fingerprint, read.Fingerprint);
        Assert.Equivalent(TestClusters.Info(), read.Info);
    }

    [Fact]
    public void A_file_on_disk_is_the_same_and_a_model_without_a_pair_stays_without()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            ClusteredModel model = TestClusters.Create(new());
            model.Save(path);
            ClusteredModel read = ClusteredModel.Load(path);
            Assert.Equal(model.Fingerprint, read.Fingerprint);
            Assert.Null(read.Info.StrongModel);
            Assert.Null(read.Info.Quantiles);
            Assert.Null(read.Info.Embedder);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData("kind", "linear", "kind is 'linear'")]
    [InlineData("version", "2", "version is '2'")]
    [InlineData("models", "{}", "expected a JSON array of names")]
    [InlineData("models", """["a","b"]""", "was expected")]
    [InlineData("models", """["a","b","b"]""", "'b' is there twice")]
    [InlineData("default_pair", """["a"]""", "default_pair has 1 names")]
    [InlineData("default_pair", """["a","x"]""", "default pair is 'a' and 'x'")]
    [InlineData("calibration_slope", "steep", "calibration_slope is 'steep'")]
    [InlineData("calibration_slope", "-1", "slope -1")]
    [InlineData("calibration_intercept", "NaN", "intercept NaN")]
    [InlineData("name", " ", "white")]
    public void Metadata_that_make_no_sense_are_refused(string key, string value, string message)
    {
        SafetensorsWriter writer = ClusteredArtifact.Write(TestClusters.Create());
        writer.Metadata[key] = value;
        Assert.Contains(message, Refused(writer).Message);
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("version")]
    [InlineData("models")]
    [InlineData("name")]
    [InlineData("calibration_slope")]
    public void Missing_metadata_are_named(string key)
    {
        SafetensorsWriter writer = ClusteredArtifact.Write(TestClusters.Create());
        writer.Metadata.Remove(key);
        Assert.Contains($"no '{key}'", Refused(writer).Message);
    }

    [Theory]
    [InlineData("centroids", 2, 3)]
    [InlineData("centroids", 3, 2)]
    [InlineData("centroids", 0, 0)]
    [InlineData("weights", 2, 3, 3)]
    [InlineData("biases", 2, 3)]
    [InlineData("biases", 0, 3)]
    [InlineData("cluster_rows", 3)]
    [InlineData("quantiles", 1)]
    public void Tensors_that_do_not_fit_together_are_refused(string tensor, params int[] shape)
    {
        long[] dimensions = [.. shape.Select(static size => (long)size)];
        Refused(WithFloats(tensor, dimensions, new float[dimensions.Aggregate(1L, static (product, size) => product * size)]));
    }

    [Theory]
    [InlineData("classifier_of_cluster", 3, "classifier 3")]
    [InlineData("classifier_of_cluster", -1, "classifier -1")]
    [InlineData("cluster_rows", -1, "-1")]
    public void Counts_and_indices_out_of_range_are_refused(string tensor, int value, string message)
    {
        SafetensorsFile file = SafetensorsFile.Parse(ClusteredArtifact.Write(TestClusters.Create()).ToArray());
        SafetensorsWriter writer = Copy(file, tensor);
        writer.Add(tensor, SafetensorsType.I32, [3], [.. BitConverter.GetBytes(1), .. BitConverter.GetBytes(value), .. BitConverter.GetBytes(0)]);
        Assert.Contains(message, Refused(writer).Message);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused() =>
        Assert.Equal("weights", Refused(WithFloats("weights", [3, 3, 3], [.. Enumerable.Repeat(1f, 26), float.NaN])).TensorName);

    [Fact]
    public void A_changed_byte_never_does_more_than_change_a_number_or_be_refused()
    {
        byte[] sound = ClusteredArtifact.Write(TestClusters.Create()).ToArray();
        Gen.Select(Gen.Int[0, sound.Length - 1], Gen.Byte).Sample((position, value) =>
        {
            byte[] damaged = [.. sound];
            damaged[position] = value;
            try
            {
                ClusteredModel model = ClusteredModel.Load(SafetensorsFile.Parse(damaged));
                Assert.InRange(model.Nearest([1, 2, 3]), -1, 2);
            }
            catch (InvalidArtifactException)
            {
                // Refused.
            }
        });
    }

    private static InvalidArtifactException Refused(SafetensorsWriter writer) =>
        Assert.Throws<InvalidArtifactException>(() => ClusteredModel.Load(SafetensorsFile.Parse(writer.ToArray(), "a file")));

    private static SafetensorsWriter WithFloats(string tensor, long[] shape, float[] values)
    {
        SafetensorsWriter writer = Copy(SafetensorsFile.Parse(ClusteredArtifact.Write(TestClusters.Create()).ToArray()), tensor);
        writer.Add(tensor, shape, values);
        return writer;
    }

    private static SafetensorsWriter Copy(SafetensorsFile file, string except)
    {
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in file.Metadata)
        {
            writer.Metadata[key] = value;
        }

        foreach (SafetensorsTensor tensor in file.Tensors.Values.Where(tensor => tensor.Name != except))
        {
            writer.Add(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.Data.Span);
        }

        return writer;
    }
}
