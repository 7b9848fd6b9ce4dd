namespace RouteLLM.Tests.Linear;

public class LinearModelTests
{
    [Theory]
    [InlineData(LinearLink.WinProbability, LinearFeatures.Binary)]
    [InlineData(LinearLink.Quality, LinearFeatures.TfIdf)]
    [InlineData(LinearLink.QualityLogit, LinearFeatures.Binary)]
    public void An_artifact_gives_back_what_was_written(LinearLink link, LinearFeatures features)
    {
        LinearArtifact written = TestLinearModel.Artifact(link, features);
        LinearArtifact read = LinearArtifact.Read(SafetensorsFile.Parse(written.Write().ToArray()));
        Assert.Equal(written.Name, read.Name);
        Assert.Equal(written.Models, read.Models);
        Assert.Equal(written.DefaultPair, read.DefaultPair);
        Assert.Equal((features, link), (read.Features, read.Link));
        Assert.Equal(written.Buckets, read.Buckets);
        Assert.Equal(written.FeatureWeights, read.FeatureWeights);
        Assert.Equal(written.UnseenWeights, read.UnseenWeights);
        Assert.Equal(written.Weights, read.Weights);
        Assert.Equal(written.Biases, read.Biases);
        Assert.Equal(written.Calibrations, read.Calibrations);
        Assert.Equal(written.Quantiles.Values, read.Quantiles.Values);
        Assert.Equal("none", read.Metadata["data"]);
        Assert.Equal("linear", read.Metadata["kind"]);
        Assert.Equal(written.Write().ToArray(), read.Write().ToArray());
    }

    [Fact]
    public void A_model_says_what_it_is()
    {
        LinearModel model = TestLinearModel.Load(TestLinearModel.Artifact());
        Assert.Equal(["big", "small"], model.Models);
        Assert.Equal(("big", "small", 3), (model.StrongModel, model.WeakModel, model.FeatureCount));
        Assert.Equal(64, model.Fingerprint.Length);
    }

    [Theory]
    [InlineData("kind", "matrix-factorization", "'linear'")]
    [InlineData("version", "2", "'1'")]
    [InlineData("features", "hashed-text-0", HashedTextFeatures.Fingerprint)]
    [InlineData("weighting", "bm25", "tf-idf")]
    [InlineData("link", "probit", "win-probability")]
    [InlineData("models", "[\"big\"]", "at least two")]
    [InlineData("models", "[\"big\", \"big\"]", "all different")]
    [InlineData("models", "big, small", "JSON array")]
    [InlineData("default_pair", "[\"big\", \"huge\"]", "default pair")]
    [InlineData("default_pair", "[\"small\", \"big\"]", "default pair")]
    [InlineData("default_pair", "[\"big\"]", "2 were expected")]
    public void Metadata_that_does_not_fit_is_refused(string key, string value, string problem)
    {
        SafetensorsWriter writer = TestLinearModel.Artifact().Write();
        writer.Metadata[key] = value;
        AssertRefused(writer, problem);
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("name")]
    [InlineData("models")]
    [InlineData("default_pair")]
    [InlineData("link")]
    public void Missing_metadata_are_refused(string key)
    {
        SafetensorsWriter writer = TestLinearModel.Artifact().Write();
        writer.Metadata.Remove(key);
        AssertRefused(writer, key);
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_refused()
    {
        int[] buckets = TestLinearModel.Artifact().Buckets;
        AssertRefused(With([buckets[1], buckets[0], buckets[2]]), "ascend");
        AssertRefused(With([buckets[0], buckets[0], buckets[2]]), "ascend");
        AssertRefused(With([-1, buckets[1], buckets[2]]), "ascend");
        AssertRefused(With([buckets[0], buckets[1], HashedTextFeatures.BucketCount]), "ascend");
        AssertRefused(With([buckets[0], buckets[1]]), "shape");
        AssertRefused(With(buckets, featureWeights: [1, -1, 1]), "at least 0");
        AssertRefused(With(buckets, featureWeights: [1, float.NaN, 1]), "finite");
        AssertRefused(With(buckets, weights: [1, float.PositiveInfinity, 1]), "finite");
        AssertRefused(With(buckets, weights: [1, 1]), "shape");
        AssertRefused(With(buckets, biases: [float.NaN]), "finite");
        AssertRefused(With(buckets, biases: [1, 2]), "shape");

        static SafetensorsWriter With(int[] buckets, float[]? featureWeights = null, float[]? weights = null, float[]? biases = null)
        {
            LinearArtifact sound = TestLinearModel.Artifact();
            var writer = new SafetensorsWriter();
            foreach ((string key, string value) in sound.Write().Metadata)
            {
                writer.Metadata[key] = value;
            }

            featureWeights ??= sound.FeatureWeights;
            weights ??= sound.Weights;
            biases ??= sound.Biases;
            writer.Add("buckets", SafetensorsType.I32, [buckets.Length], System.Runtime.InteropServices.MemoryMarshal.AsBytes(buckets.AsSpan()));
            writer.Add("feature_weights", [featureWeights.Length], featureWeights);
            writer.Add("unseen_weights", [2], sound.UnseenWeights);
            writer.Add("weights", [1, weights.Length], weights);
            writer.Add("biases", [biases.Length], biases);
            writer.Add("quantiles", [2], [0f, 1f]);
            return writer;
        }
    }

    [Fact]
    public void A_damaged_file_is_refused_wherever_it_is_cut_off()
    {
        byte[] bytes = TestLinearModel.Artifact().Write().ToArray();
        for (int length = 0; length < bytes.Length; length += 7)
        {
            Assert.Throws<InvalidArtifactException>(() => LinearModel.Load(SafetensorsFile.Parse(bytes.AsMemory(0, length))));
        }
    }

    [Fact]
    public void Unknown_models_and_pairs_it_was_not_trained_for_are_refused()
    {
        LinearModel pair = TestLinearModel.Load(TestLinearModel.Artifact());
        Assert.Contains("'small'", Assert.Throws<ArgumentException>(() => pair.ForPair("smal", "big")).Message, StringComparison.Ordinal);
        Assert.Contains("both", Assert.Throws<ArgumentException>(() => pair.ForPair("big", "big")).Message, StringComparison.Ordinal);
        Assert.Contains("other way round", Assert.Throws<ArgumentException>(() => pair.ForPair("small", "big")).Message, StringComparison.Ordinal);
        Assert.Contains("pool", Assert.Throws<InvalidOperationException>(pair.ForPool).Message, StringComparison.Ordinal);
    }

    private static void AssertRefused(SafetensorsWriter writer, string problem)
    {
        var error = Assert.Throws<InvalidArtifactException>(() => LinearModel.Load(SafetensorsFile.Parse(writer.ToArray(), "bad.safetensors")));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("bad.safetensors", error.Message, StringComparison.Ordinal);
    }
}
