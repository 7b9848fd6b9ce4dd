namespace RouteLLM.Tests.MatrixFactorization;

public class HashedMatrixFactorizationModelTests
{
    [Fact]
    public void A_model_tells_its_models_pair_and_margin()
    {
        HashedMatrixFactorizationModel model = TestModel.Load(TestModel.CreateWriter());
        Assert.Equal(["big", "small", "medium"], model.Models);
        Assert.Equal(("big", "small"), (model.StrongModel, model.WeakModel));
        Assert.Equal(0.5, model.TieMargin);
        Assert.Equal(2, model.Dimensions);
        Assert.Equal(64, model.Fingerprint.Length);
    }

    [Theory]
    [InlineData("huge", "small")]
    [InlineData("big", "tiny")]
    public void A_model_that_is_not_there_is_named_with_those_that_are(string strong, string weak)
    {
        var exception = Assert.Throws<ArgumentException>(() => TestModel.Load(TestModel.CreateWriter()).ForPair(strong, weak));
        Assert.Contains(strong == "huge" ? "huge" : "tiny", exception.Message, StringComparison.Ordinal);
        Assert.Contains("big, small, medium", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_is_two_models() => Assert.Throws<ArgumentException>(static () => TestModel.Load(TestModel.CreateWriter()).ForPair("big", "big"));

    [Theory]
    [InlineData("kind", "linear")]
    [InlineData("version", "1")]
    [InlineData("features", "hashed-text-0")]
    [InlineData("models", "big")]
    [InlineData("models", """["big","big","small"]""")]
    [InlineData("models", """{"big":1}""")]
    [InlineData("default_pair", """["big","tiny"]""")]
    [InlineData("default_pair", """["big","small","medium"]""")]
    [InlineData("tie_margin", "-1")]
    [InlineData("tie_margin", "NaN")]
    [InlineData("tie_margin", "half")]
    public void Wrong_metadata_is_refused(string key, string value)
    {
        SafetensorsWriter writer = TestModel.CreateWriter();
        writer.Metadata[key] = value;
        var exception = Assert.Throws<InvalidArtifactException>(() => TestModel.Load(writer));
        Assert.Contains("test.safetensors", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind")]
    [InlineData("name")]
    [InlineData("default_pair")]
    public void Missing_metadata_is_named(string key)
    {
        SafetensorsWriter writer = TestModel.CreateWriter();
        writer.Metadata.Remove(key);
        Assert.Contains($"'{key}'", Assert.Throws<InvalidArtifactException>(() => TestModel.Load(writer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_is_not_finite_is_refused_with_its_tensor()
    {
        Assert.Equal("projection", Refused(TestModel.CreateWriter(projection: static w => w[1234] = Half.NaN)).TensorName);
        Assert.Equal("items", Refused(TestModel.CreateWriter(items: static v => v[3] = float.PositiveInfinity)).TensorName);
    }

    [Fact]
    public void Tensors_of_the_wrong_shape_are_refused_with_their_name() =>
        Assert.Equal("biases", Refused(TestModel.CreateWriter(biases: 8)).TensorName);

    [Fact]
    public void Feature_weights_must_be_positive_so_that_every_text_has_a_norm() =>
        Assert.Equal("feature_weights", Refused(TestModel.CreateWriter(featureWeights: static w => w[7] = (Half)0)).TensorName);

    [Fact]
    public void Quantiles_must_ascend() => Assert.Equal("quantiles", Refused(TestModel.CreateWriter(quantiles: [0.5f, 0.4f])).TensorName);

    private static InvalidArtifactException Refused(SafetensorsWriter writer) => Assert.Throws<InvalidArtifactException>(() => TestModel.Load(writer));
}
