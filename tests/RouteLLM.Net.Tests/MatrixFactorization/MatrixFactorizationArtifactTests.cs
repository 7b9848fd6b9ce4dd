using CsCheck;
using RouteLLM.Tests.Artifacts;
using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.MatrixFactorization;

/// <summary>Files that are damaged, or that do not fit together.</summary>
public class MatrixFactorizationArtifactTests
{
    [Theory]
    [InlineData("kind", "linear", "kind is 'linear'")]
    [InlineData("version", "2", "version is '2'")]
    [InlineData("models", "[]", "models has 0 names")]
    [InlineData("models", "{}", "expected a JSON array of names")]
    [InlineData("models", "[1, 2]", "expected a JSON array of names")]
    [InlineData("models", """["a","b","c"]""", "shape is [4, 3], and [3, *] was expected")]
    [InlineData("models", """["a","b","c","c"]""", "'c' is there twice")]
    [InlineData("default_pair", """["a"]""", "default_pair has 1 names")]
    [InlineData("default_pair", """["a","x"]""", "default pair is 'a' and 'x'")]
    [InlineData("tie_margin", "-1", "margin of ties is -1")]
    [InlineData("tie_margin", "much", "tie_margin is 'much'")]
    [InlineData("name", " ", "white")]
    public void Metadata_that_make_no_sense_are_refused(string key, string value, string message)
    {
        SafetensorsWriter writer = Writer();
        writer.Metadata[key] = value;

        Assert.Contains(message, Refused(writer).Message);
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("version")]
    [InlineData("models")]
    [InlineData("tie_margin")]
    [InlineData("name")]
    public void Missing_metadata_are_named(string key)
    {
        SafetensorsWriter writer = Writer();
        writer.Metadata.Remove(key);

        Assert.Contains($"no '{key}'", Refused(writer).Message);
    }

    [Theory]
    [InlineData("items", 3, 3)]
    [InlineData("biases", 5)]
    [InlineData("biases", 4, 1)]
    [InlineData("projection", 2, 7)]
    [InlineData("projection", 3, 0)]
    [InlineData("quantiles", 1)]
    public void Tensors_that_do_not_fit_together_are_refused(string tensor, params int[] shape)
    {
        long[] dimensions = [.. shape.Select(static size => (long)size)];
        SafetensorsWriter writer = Writer(tensor, dimensions, new float[dimensions.Aggregate(1L, static (product, size) => product * size)]);

        Assert.Equal(tensor, Refused(writer).TensorName);
    }

    [Fact]
    public void Vectors_of_no_dimensions_are_refused()
    {
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in Writer().Metadata)
        {
            writer.Metadata[key] = value;
        }

        writer.Add("items", [4, 0], Array.Empty<float>());
        writer.Add("biases", [4], new float[4]);

        Assert.Contains("0 weights", Refused(writer).Message);
    }

    [Theory]
    [InlineData("items", 12)]
    [InlineData("biases", 4)]
    [InlineData("projection", 21)]
    public void A_weight_that_is_not_a_number_is_refused_by_tensor_and_place(string tensor, int length)
    {
        float[] values = new float[length];
        values[2] = float.NaN;
        long[] shape = length switch { 12 => [4, 3], 4 => [4], _ => [3, 7] };

        InvalidArtifactException exception = Refused(Writer(tensor, shape, values));

        Assert.Equal(tensor, exception.TensorName);
        Assert.Contains("element 2 is NaN", exception.Message);
    }

    [Fact]
    public void Damaged_bytes_are_refused_or_give_a_model_that_works()
    {
        byte[] artifact = MatrixFactorizationArtifact.Write(MatrixFactorizationModelTests.Random(3, hasProjection: true)).ToArray();
        byte[] checkpoint = File.ReadAllBytes(SafetensorsGoldenTests.PathOf("proj"));
        int refused = 0;
        Gen.Select(Gen.Bool, Gen.Int[0, 1200], Gen.Byte, Gen.Int[0, 20]).Sample(
            (isCheckpoint, place, value, cut) =>
            {
                byte[] bytes = isCheckpoint ? checkpoint[..^cut] : artifact[..^cut];
                bytes[place % bytes.Length] = value;
                try
                {
                    MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsFile.Parse(bytes));
                    double probability = model.ForPair(model.Models[0], model.Models[1]).PredictWinProbability(new float[model.EmbeddingDimensions]);
                    Assert.InRange(probability, 0, 1);
                }
                catch (InvalidArtifactException)
                {
                    Interlocked.Increment(ref refused);
                }
            },
            iter: 2000);
        Assert.InRange(refused, 1, int.MaxValue);
    }

    [Theory]
    [InlineData("""{"dim": 17}""", "dim is 17, and 16 fits")]
    [InlineData("""{"text_dim": 1536}""", "text_dim is 1536, and 96 fits")]
    [InlineData("""{"num_models": 65}""", "num_models is 65, and 64 fits")]
    [InlineData("""{"num_classes": 3}""", "num_classes is 3, and 1 fits")]
    [InlineData("""{"use_proj": false}""", "use_proj is false, but the weights beside it have a tensor 'text_proj.0.weight'")]
    [InlineData("""{"dim": "16"}""", "not the configuration")]
    [InlineData("""{"dim": 1e99}""", "not the configuration")]
    [InlineData("[", "not the configuration")]
    [InlineData("[]", "not the configuration")]
    public void A_configuration_that_does_not_fit_a_checkpoint_is_refused(string config, string message)
    {
        using var folder = new RouteLlmFolder("proj");
        File.WriteAllText(folder.ConfigPath, config);

        var exception = Assert.Throws<InvalidArtifactException>(() => MatrixFactorizationModel.Load(folder.Path));

        Assert.Equal(folder.ConfigPath, exception.ArtifactName);
        Assert.Contains(message, exception.Message);
    }

    [Fact]
    public void A_checkpoint_without_configuration_is_loaded_by_its_shapes()
    {
        using var folder = new RouteLlmFolder("noproj");
        File.Delete(folder.ConfigPath);

        MatrixFactorizationModel model = MatrixFactorizationModel.Load(folder.Path);

        Assert.False(model.HasProjection);
        Assert.Equal((32, 32), (model.Dimensions, model.EmbeddingDimensions));
    }

    [Fact]
    public void A_checkpoint_of_other_models_needs_their_names()
    {
        using var folder = new RouteLlmFolder("proj");
        File.Delete(folder.ConfigPath);
        float[] classifier = TestEmbeddingGenerator.Random("classifier", 2);
        var writer = new SafetensorsWriter();
        writer.Add("P.weight", [3, 2], [3f, 4, 0, 0, -1, 0]);
        writer.Add("classifier.0.weight", [1, 2], classifier);
        writer.Save(folder.WeightsPath);

        Assert.Contains("has 3 models, and there are 64 names in RouteLLM's table", Assert.Throws<InvalidArtifactException>(() => MatrixFactorizationModel.Load(folder.Path)).Message);
        MatrixFactorizationModel model = MatrixFactorizationModel.LoadRouteLlm(folder.Path, ["x", "y", "z"], "mine");

        Assert.Equal([classifier[0] * 0.6f, classifier[1] * 0.8f, 0, 0, -classifier[0], 0], model.Items.ToArray(), (left, right) => Math.Abs(left - right) < 1e-6);
        Assert.Equal("mine", model.Info.Embedder);
        Assert.Null(model.Info.StrongModel);
        Assert.Throws<InvalidOperationException>(() => model.ForDefaultPair(TestEmbeddingGenerator.OfRandom(2)));
    }

    [Theory]
    [InlineData(1536, "text-embedding-3-small/1536")]
    [InlineData(384, null)]
    public void A_checkpoint_of_the_published_size_was_made_with_the_published_embedder(int dimensions, string? embedder)
    {
        var writer = new SafetensorsWriter();
        writer.Add("P.weight", [64, 2], new float[128]);
        writer.Add("text_proj.0.weight", [2, dimensions], new float[2 * dimensions]);
        writer.Add("classifier.0.weight", [1, 2], [1f, 1]);

        Assert.Equal(embedder, MatrixFactorizationModel.Load(SafetensorsFile.Parse(writer.ToArray())).Info.Embedder);
    }

    [Fact]
    public void A_missing_tensor_of_a_checkpoint_is_named()
    {
        var writer = new SafetensorsWriter();
        writer.Add("P.weight", [64, 2], new float[128]);

        Assert.Equal("classifier.0.weight", Assert.Throws<InvalidArtifactException>(() => MatrixFactorizationModel.Load(SafetensorsFile.Parse(writer.ToArray()))).TensorName);
    }

    private static InvalidArtifactException Refused(SafetensorsWriter writer) =>
        Assert.Throws<InvalidArtifactException>(() => MatrixFactorizationModel.Load(SafetensorsFile.Parse(writer.ToArray(), "file")));

    /// <summary>Four models, three dimensions, embeddings of seven; one tensor may be replaced.</summary>
    private static SafetensorsWriter Writer(string? replaced = null, long[]? shape = null, float[]? values = null)
    {
        SafetensorsWriter sound = MatrixFactorizationArtifact.Write(MatrixFactorizationModelTests.Random(
            1, hasProjection: true, new MatrixFactorizationModelInfo { StrongModel = "a", WeakModel = "b", Quantiles = new ScoreQuantiles([0, 1]) }));
        var writer = new SafetensorsWriter();
        foreach ((string key, string value) in sound.Metadata)
        {
            writer.Metadata[key] = value;
        }

        foreach (SafetensorsTensor tensor in SafetensorsFile.Parse(sound.ToArray()).Tensors.Values)
        {
            if (tensor.Name == replaced)
            {
                writer.Add(tensor.Name, shape, values);
            }
            else
            {
                writer.Add(tensor.Name, tensor.DType, [.. tensor.Shape], tensor.Data.Span);
            }
        }

        return writer;
    }
}
