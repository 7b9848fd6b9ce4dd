using RouteLLM.Onnx;

namespace RouteLLM.Cli.Tests.Shared;

public class RouterLoaderTests
{
    [Theory]
    [InlineData("builtin", "builtin")]
    [InlineData("random", "random")]
    [InlineData("random:-7", "random")]
    [InlineData("length", "prompt-length")]
    [InlineData("length:500", "prompt-length")]
    [InlineData("fixed:0.3", "fixed")]
    [InlineData("always-strong", "always-strong")]
    [InlineData("always-weak", "always-weak")]
    [InlineData("domain", "domain")]
    public void Simple_routers_have_names(string name, string expected)
    {
        Assert.Equal(expected, Load(name).GetService<RouterMetadata>()!.Name);
    }

    [Theory]
    [InlineData("random:x", "random:42")]
    [InlineData("length:-5", "length:1000")]
    [InlineData("length:0", "greater than the minimum length")]
    [InlineData("fixed", "fixed:0.3")]
    [InlineData("fixed:1.5", "fixed:0.3")]
    [InlineData("fixed:0,3", "fixed:0.3")]
    [InlineData("oracle", "There is no router or file 'oracle'. Expected: builtin, ")]
    [InlineData("builtin:x", "There is no router or file 'builtin:x'")]
    [InlineData("knn:nowhere", "There is no router or file 'nowhere'")]
    public void Others_are_refused_with_what_is_expected(string name, string message)
    {
        Assert.Contains(message, Assert.Throws<ToolException>(() => Load(name)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seed_gives_the_same_scores_again()
    {
        string[] prompts = ["a", "b", "c"];

        Assert.Equal(await ScoresAsync("random"), await ScoresAsync("random:0"));
        Assert.NotEqual(await ScoresAsync("random"), await ScoresAsync("random:1"));

        async Task<IReadOnlyList<double>> ScoresAsync(string name) => await Load(name).PredictWinProbabilitiesAsync(prompts, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void An_index_is_searched_as_it_is_named()
    {
        using var folder = new TemporaryFolder();
        string index = Indexes.Save(folder["index.safetensors"]);

        Assert.IsType<SimilarityWeightedRouter>(Load(index, "big", "small"));
        Assert.IsType<SimilarityWeightedRouter>(Load($"sw:{index}", "big", "small"));
        Assert.IsType<NearestNeighborRouter>(Load($"knn:{index}", "big", "small"));
        Assert.Contains("choose a strong and a weak one of its models: big, small", Assert.Throws<ToolException>(() => Load(index)).Message, StringComparison.Ordinal);
        ToolException unknown = Assert.Throws<ToolException>(() => Load(index, "huge", "small"));
        Assert.DoesNotContain("Parameter", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_artifact_over_embeddings_that_the_tool_does_not_have_says_so()
    {
        using var folder = new TemporaryFolder();
        new MatrixFactorizationModel(["a", "b"], [1, 2, 3, 4], [0, 0], [], new MatrixFactorizationModelInfo { StrongModel = "a", WeakModel = "b", Embedder = "text-embedding-3-small/2" }).Save(folder["mf.safetensors"]);

        Assert.Contains("'text-embedding-3-small/2', which this tool does not have", Assert.Throws<ToolException>(() => Load(folder["mf.safetensors"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bert:nowhere")]
    [InlineData("causal:nowhere")]
    public void A_classifier_whose_folder_is_missing_is_named(string name) =>
        Assert.Contains("'nowhere'", Assert.Throws<OnnxModelException>(() => Load(name)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("bert:")]
    [InlineData("causal:")]
    [InlineData("knn:")]
    public void A_kind_without_a_path_is_said_to_be_incomplete(string name) =>
        Assert.Contains("after the colon, a path", Assert.Throws<ToolException>(() => Load(name)).Message, StringComparison.Ordinal);

    private static IRouter Load(string name, string? strong = null, string? weak = null) =>
        RouterLoader.Load(name, strong, weak, new Terminal(Stream.Null, Stream.Null, TextWriter.Null, false, false, false));
}
