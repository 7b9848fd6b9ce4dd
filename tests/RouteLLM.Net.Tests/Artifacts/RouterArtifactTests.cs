using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Tests.Embeddings;
using RouteLLM.Tests.MatrixFactorization;

namespace RouteLLM.Tests.Artifacts;

public sealed class RouterArtifactTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-artifact-");

    [Fact]
    public async Task A_hashed_matrix_factorisation_routes_its_default_pair_or_another()
    {
        string path = Save(TestModel.CreateWriter());
        HashedMatrixFactorizationModel model = HashedMatrixFactorizationModel.Load(path);

        IRouter ordinary = RouterArtifact.Load(path);
        IRouter other = RouterArtifact.Load(path, new RouterArtifactOptions { WeakModel = "medium" });

        Assert.Equal(model.ForDefaultPair().PredictWinProbability("Why?"), await ordinary.PredictWinProbabilityAsync("Why?", Cancel));
        Assert.Equal(model.ForPair("big", "medium").PredictWinProbability("Why?"), await other.PredictWinProbabilityAsync("Why?", Cancel));
        Assert.Equal(("big", "medium"), (other.GetService<RouterMetadata>()!.StrongModel, other.GetService<RouterMetadata>()!.WeakModel));
        Assert.NotNull(ordinary.GetService<ScoreQuantiles>());
    }

    [Fact]
    public async Task A_matrix_factorisation_takes_the_generator_given_and_asks_for_one_otherwise()
    {
        string path = Path.Combine(_folder.FullName, "mf.safetensors");
        Dense("text-embedding-3-small/4").Save(path);
        var generator = TestEmbeddingGenerator.OfRandom(4, "text-embedding-3-small");

        IRouter router = RouterArtifact.Load(path, new RouterArtifactOptions { EmbeddingGenerator = generator });
        var missing = Assert.Throws<MissingEmbedderException>(() => RouterArtifact.Load(path));

        Assert.Equal(await Dense(null).ForDefaultPair(generator).PredictWinProbabilityAsync("Why?", Cancel), await router.PredictWinProbabilityAsync("Why?", Cancel));
        Assert.Equal((path, "text-embedding-3-small/4"), (missing.ArtifactName, missing.Embedder));
        Assert.Contains("'text-embedding-3-small/4'", missing.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RouterArtifact.Load(path, new RouterArtifactOptions { EmbeddingGenerator = TestEmbeddingGenerator.OfRandom(4, "another") }));
    }

    [Theory]
    [InlineData(HashedTextEmbeddingGenerator.ModelId)]
    [InlineData(HashedTextEmbeddingGenerator.ModelId + "/4")]
    public async Task The_hashed_embedder_comes_with_the_library_whatever_generator_is_given(string embedder)
    {
        string path = Path.Combine(_folder.FullName, "mf.safetensors");
        Dense(embedder).Save(path);

        IRouter router = RouterArtifact.Load(path, new RouterArtifactOptions { EmbeddingGenerator = TestEmbeddingGenerator.OfRandom(8, "another") });

        Assert.Equal(await Dense(null).ForDefaultPair(new HashedTextEmbeddingGenerator(4)).PredictWinProbabilityAsync("Why?", Cancel), await router.PredictWinProbabilityAsync("Why?", Cancel));
    }

    [Fact]
    public void A_checkpoint_of_RouteLLMs_is_known_by_its_tensors()
    {
        using var folder = new RouteLlmFolder("proj");
        int dimensions = MatrixFactorizationModel.Load(folder.Path).EmbeddingDimensions;

        IRouter router = RouterArtifact.Load(folder.Path, new RouterArtifactOptions { EmbeddingGenerator = TestEmbeddingGenerator.OfRandom(dimensions) });
        RouterArtifactInfo info = RouterArtifact.ReadInfo(folder.Path);

        Assert.Equal("gpt-4-1106-preview", router.GetService<RouterMetadata>()!.StrongModel);
        Assert.Equal(("routellm-checkpoint", true, 64), (info.Kind, info.IsKnownKind, info.Models.Count));
        Assert.Equal(("gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1"), (info.StrongModel, info.WeakModel));
        Assert.Equal(router.GetService<RouterMetadata>()!.Fingerprint, info.Fingerprint);
        Assert.Throws<MissingEmbedderException>(() => RouterArtifact.Load(folder.Path));
    }

    [Fact]
    public void An_index_of_battles_is_ranked_by_similarity_unless_neighbours_are_wanted()
    {
        string path = SaveIndex(scores: false);
        var pair = new RouterArtifactOptions { StrongModel = "a", WeakModel = "b" };
        var neighbors = new RouterArtifactOptions { StrongModel = "a", WeakModel = "b", NearestNeighbors = new NearestNeighborOptions { Neighbors = 1 } };

        Assert.IsType<SimilarityWeightedRouter>(RouterArtifact.Load(path, pair));
        Assert.IsType<NearestNeighborRouter>(RouterArtifact.Load(path, neighbors));
    }

    [Fact]
    public void An_index_of_scores_is_searched_for_neighbours_unless_a_weighted_mean_is_wanted()
    {
        string path = SaveIndex(scores: true);
        var pair = new RouterArtifactOptions { StrongModel = "a", WeakModel = "b" };
        var mean = new RouterArtifactOptions { StrongModel = "a", WeakModel = "b", SimilarityWeighted = new SimilarityWeightedOptions { Method = SimilarityWeightedMethod.MeanOutcome } };

        Assert.IsType<NearestNeighborRouter>(RouterArtifact.Load(path, pair));
        Assert.IsType<SimilarityWeightedRouter>(RouterArtifact.Load(path, mean));
    }

    [Fact]
    public void An_index_says_nothing_of_a_pair_so_that_one_must_be_chosen()
    {
        string path = SaveIndex(scores: true);

        Assert.Contains("choose a strong and a weak one of its models: a, b", Assert.Throws<ArgumentException>(() => RouterArtifact.Load(path)).Message, StringComparison.Ordinal);
        Assert.Contains("a, b", Assert.Throws<ArgumentException>(() => RouterArtifact.Load(path, new RouterArtifactOptions { StrongModel = "c", WeakModel = "b" })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kind_from_the_future_is_refused_but_described()
    {
        SafetensorsWriter writer = TestModel.CreateWriter();
        writer.Metadata["kind"] = "crystal-ball";
        string path = Save(writer);

        Assert.Contains("the kind 'crystal-ball', and this version of the library makes routers of hashed-matrix-factorization, ", Assert.Throws<InvalidArtifactException>(() => RouterArtifact.Load(path)).Message, StringComparison.Ordinal);

        RouterArtifactInfo info = RouterArtifact.ReadInfo(path);
        Assert.Equal(("crystal-ball", false, "test"), (info.Kind, info.IsKnownKind, info.Name));
    }

    [Fact]
    public void A_version_from_the_future_is_refused()
    {
        SafetensorsWriter writer = TestModel.CreateWriter();
        writer.Metadata["version"] = "9";

        Assert.Contains("version is '9'", Assert.Throws<InvalidArtifactException>(() => RouterArtifact.Load(Save(writer))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_routers_are_refused()
    {
        var other = new SafetensorsWriter();
        other.Add("weights", [2], [1f, 2f]);
        string tensors = Save(other);
        string text = Path.Combine(_folder.FullName, "text");
        File.WriteAllText(text, "Not an artifact at all.");

        Assert.Contains("something other than a router", Assert.Throws<InvalidArtifactException>(() => RouterArtifact.Load(tensors)).Message, StringComparison.Ordinal);
        Assert.Contains("something other than a router", Assert.Throws<InvalidArtifactException>(() => RouterArtifact.ReadInfo(tensors)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidArtifactException>(() => RouterArtifact.Load(text));
        Assert.Throws<InvalidArtifactException>(() => RouterArtifact.ReadInfo(text));
        Assert.Throws<FileNotFoundException>(() => RouterArtifact.Load(Path.Combine(_folder.FullName, "nowhere")));
        Assert.Throws<FileNotFoundException>(() => RouterArtifact.Load(_folder.FullName));
    }

    [Fact]
    public void Info_tells_all_that_an_artifact_says_of_itself()
    {
        SafetensorsWriter writer = TestModel.CreateWriter(quantiles: [0, 0.5f, 1]);
        writer.Metadata["license"] = "MIT";
        string path = Save(writer);

        RouterArtifactInfo info = RouterArtifact.ReadInfo(path);

        Assert.Equal((path, "hashed-matrix-factorization", "1", "test"), (info.FileName, info.Kind, info.Version, info.Name));
        Assert.Equal(["big", "small", "medium"], info.Models);
        Assert.Equal(("big", "small", HashedTextFeatures.Fingerprint), (info.StrongModel, info.WeakModel, info.Embedder));
        Assert.Equal((new FileInfo(path).Length, HashedMatrixFactorizationModel.Load(path).Fingerprint), (info.Size, info.Fingerprint));
        Assert.Equal("MIT", info.Metadata["license"]);
        Assert.Equal([0, 0.5, 1], info.Quantiles!.Values);
        RouterArtifactTensor items = Assert.Single(info.Tensors, static tensor => tensor.Name == "items");
        Assert.Equal((SafetensorsType.F32, 12L), (items.DType, items.Count));
        Assert.Equal([2, 3, 2], items.Shape);
    }

    [Fact]
    public void Info_of_a_file_in_memory_is_that_of_the_file_on_disk()
    {
        string path = SaveIndex(scores: false);

        RouterArtifactInfo disk = RouterArtifact.ReadInfo(path), memory = RouterArtifact.ReadInfo(SafetensorsFile.Load(path));

        using var index = BattleIndex.Open(path);
        Assert.Equal(index.Fingerprint, disk.Fingerprint);
        Assert.Equal((disk.Fingerprint, disk.Size, disk.Embedder, disk.FileName), (memory.Fingerprint, memory.Size, memory.Embedder, memory.FileName));
        Assert.Equal(disk.Tensors.Select(static tensor => tensor.Name).Order(), memory.Tensors.Select(static tensor => tensor.Name).Order());
    }

    [Fact]
    public void The_built_in_router_can_be_described_too()
    {
        RouterArtifactInfo info = RouterArtifact.ReadInfo(BuiltInRouter.ReadArtifact());

        Assert.Equal((BuiltInRouter.Model.Fingerprint, BuiltInRouter.Model.StrongModel), (info.Fingerprint, info.StrongModel));
        Assert.Equal(BuiltInRouter.Create().GetService<ScoreQuantiles>()!.Values, info.Quantiles!.Values);
    }

    [Fact]
    public async Task A_host_routes_by_an_artifact_with_its_own_embedder()
    {
        string path = Path.Combine(_folder.FullName, "mf.safetensors");
        Dense("test-embedder").Save(path);
        var generator = TestEmbeddingGenerator.OfRandom(4, "test-embedder");
        var services = new ServiceCollection();
        services.AddSingleton<IEmbeddingGenerator<string, Embedding<float>>>(generator);
        services.AddRouter("mine", path).AddRouter("hashed", Save(TestModel.CreateWriter()));

        await using ServiceProvider provider = services.BuildServiceProvider();
        IRouter router = provider.GetRequiredKeyedService<IRouter>("mine");

        Assert.Equal(await Dense(null).ForDefaultPair(generator).PredictWinProbabilityAsync("Why?", Cancel), await router.PredictWinProbabilityAsync("Why?", Cancel));
        Assert.Equal("test", provider.GetRequiredKeyedService<IRouter>("hashed").GetService<RouterMetadata>()!.Name);
        Assert.Throws<ArgumentException>("path", () => services.AddRouter("name", ""));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static MatrixFactorizationModel Dense(string? embedder) =>
        new(["a", "b"], [1, 2, 3, 4, -1, 0, 1, 2], [0.5f, 0], [], new MatrixFactorizationModelInfo { StrongModel = "a", WeakModel = "b", Embedder = embedder });

    private string Save(SafetensorsWriter writer)
    {
        string path = Path.Combine(_folder.FullName, "router.safetensors");
        writer.Save(path);
        return path;
    }

    private string SaveIndex(bool scores)
    {
        var embedder = new HashedTextEmbeddingGenerator(16);
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Embedder = HashedTextEmbeddingGenerator.ModelId });
        var embedding = new float[16];
        foreach (string prompt in new[] { "one", "two", "three" })
        {
            embedder.Embed(prompt, embedding);
            if (scores)
            {
                builder.Add(prompt, new Dictionary<string, double> { ["a"] = 1, ["b"] = 0.5 }, embedding);
            }
            else
            {
                builder.Add(new Battle("a", "b", prompt == "two" ? BattleWinner.ModelB : BattleWinner.ModelA), embedding);
            }
        }

        string path = Path.Combine(_folder.FullName, "index.safetensors");
        builder.Save(path);
        return path;
    }
}
