using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RouteLLM.Tests.Calibration;
using RouteLLM.Tests.MatrixFactorization;
using RouteLLM.Tests.VectorStores;

namespace RouteLLM.Tests;

/// <summary>README's C#, compiled and run. <see cref="ReadmeTests"/> checks that every block of README stands here, line for line.</summary>
public class ReadmeExamples
{
    private readonly TestChatClient bigModel = TestChatClient.Answering("big answer", "gpt-4.1");
    private readonly TestChatClient smallModel = TestChatClient.Answering("small answer", "gpt-4.1-mini");
    private readonly TestChatClient localModel = TestChatClient.Answering("local answer");

    [Fact]
    public async Task By_hand()
    {
        TestChatClient strong = bigModel, weak = smallModel;
        IChatClient client = new RoutedChatClient(strong, weak, new TwoModelRoutingOptions { StrongShare = 0.3 });

        ChatResponse response = await client.GetResponseAsync("Prove that the square root of 2 is irrational.");
        Console.WriteLine(response.Text);

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("thanks, that helped!"))
        {
            Console.Write(update.Text);
        }

        RouteOutcome outcome = response.GetRouteOutcome()!;
        Console.WriteLine($"{outcome.Route} answered: win probability {outcome.WinProbability:0.00}, threshold {outcome.Threshold:0.00}, decided in {outcome.DecisionTime.TotalMicroseconds:0} us");

        Assert.Equal("strong", outcome.Route);
        Assert.Single(weak.Calls);
    }

    [Fact]
    public async Task Why_a_request_went_where_it_did()
    {
        IChatClient client = new RoutedChatClient(bigModel, smallModel, new TwoModelRoutingOptions { StrongShare = 0.3 });
        RouteOutcome outcome = (await client.GetResponseAsync("Prove that the square root of 2 is irrational.")).GetRouteOutcome()!;

        PredictionExplanation why = outcome.Explain()!;                 // or router.Explain("Prove that ...")
        foreach (FeatureContribution part in why.Contributions.Take(4))
        {
            Console.WriteLine($"{part.Weight:+0.00;-0.00}  {part.Description}");
        }

        Assert.Equal(why.Score, why.Bias + why.Contributions.Sum(part => part.Weight), 3);
        Assert.Contains(why.Contributions.Take(4), part => part.Description == "\"prove\"");
    }

    [Fact]
    public async Task In_a_host()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services
            .AddRoutedChatClient(strong: sp => bigModel, weak: sp => smallModel, options => options.StrongShare = 0.3)
            .UseOpenTelemetry();

        await AnswersThanksWithTheWeakModelAsync(builder);
    }

    [Fact]
    public async Task Many_models_in_a_host()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes("""
            { "Routing": {
                "Routes": [
                  { "Name": "big", "ModelId": "gpt-4.1", "Price": { "Input": 2, "CachedInput": 0.5, "Output": 8 }, "ContextWindow": 1000000, "Abilities": "Tools, Vision" },
                  { "Name": "mini", "ModelId": "gpt-4.1-mini", "Price": { "Input": 0.4, "Output": 1.6 } } ],
                "Policy": { "Kind": "threshold", "StrongShare": 0.3, "Weak": "mini" },
                "Conversations": { "Affinity": "MoveUp", "Expiry": "12:00:00" },
                "AdaptiveThreshold": { "StrongShare": 0.3, "MonthlyBudget": 500 } } }
            """)));

        builder.Services.AddKeyedChatClient("big", bigModel);
        builder.Services.AddKeyedChatClient("mini", smallModel);
        builder.Services.AddMultiModelChatClient(builder.Configuration.GetSection("Routing"), options =>
            options.AddRoute("local", sp => localModel, new ModelProfile { Tags = ["local"] }));

        using IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        IChatClient client = host.Services.GetRequiredService<IChatClient>();
        Assert.Equal("mini", (await client.GetResponseAsync("thanks!")).GetRouteOutcome()!.Route);
        Assert.Equal("local", (await client.GetResponseAsync("thanks!", new ChatOptions().SetRoute("local"))).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Conversations()
    {
        var options = new TwoModelRoutingOptions
        {
            StrongShare = 0.3,
            PromptSelector = PromptSelector.FollowUpsInContext,
            Conversations = new ConversationOptions { Affinity = ConversationAffinity.MoveUp },
        };
        IChatClient client = new RoutedChatClient(bigModel, smallModel, options);
        ChatOptions chat = new ChatOptions().SetRoutingConversation("chat 17");           // or ConversationOptions.Key finds it

        await client.GetResponseAsync("Prove that the square root of 2 is irrational.", chat);
        RouteOutcome outcome = (await client.GetResponseAsync("thanks!", chat)).GetRouteOutcome()!;
        Console.WriteLine($"{outcome.Route}: {outcome.Reason}");                          // strong: conversation

        Assert.Equal(("strong", RouteReasons.Conversation), (outcome.Route, outcome.Reason));
        options.AdaptiveThreshold = new AdaptiveThresholdOptions { StrongShare = 0.3, MonthlyBudget = 500 };     // about 500 USD a month, and never more than 30%
        Assert.Equal("strong", (await new RoutedChatClient(bigModel, smallModel, options).GetResponseAsync("Prove that the square root of 2 is irrational.")).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Scores_that_are_remembered()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddHybridCache();
        builder.Services.AddRouter("judge", sp => new CachedRouter(new DelegateRouter(prompt => Math.Min(prompt.Length / 1000.0, 1)), sp.GetRequiredService<HybridCache>()));

        using IHost host = builder.Build();
        Assert.Equal(0.005, await host.Services.GetRequiredKeyedService<IRouter>("judge").PredictWinProbabilityAsync("12345", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task From_configuration()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Configuration["Routing:StrongShare"] = "0.3";
        builder.Services.AddKeyedChatClient("strong", bigModel);
        builder.Services.AddKeyedChatClient("weak", smallModel);
        builder.Services.AddRoutedChatClient(builder.Configuration.GetSection("Routing"));

        await AnswersThanksWithTheWeakModelAsync(builder);
    }

    [Fact]
    public async Task In_a_pipeline()
    {
        IChatClient pipeline = bigModel.AsBuilder()
            .UseFunctionInvocation()
            .UseModelRouting(smallModel, options => options.StrongShare = 0.3)
            .Build();

        Assert.Equal("small answer", (await pipeline.GetResponseAsync("thanks!", cancellationToken: TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task For_one_request()
    {
        const string prompt = "thanks!";
        var client = new RoutedChatClient(bigModel, smallModel, new TwoModelRoutingOptions { StrongShare = 0.3 });
        await client.GetResponseAsync(prompt, new ChatOptions { ModelId = "router-mf-0.2" });
        await client.GetResponseAsync(prompt, new ChatOptions { ModelId = "weak" });
        await client.GetResponseAsync(prompt, new ChatOptions().SetStrongShare(0.8));
        await client.GetResponseAsync(prompt, new ChatOptions().SetRoute("strong"));

        Assert.All([.. bigModel.Calls, .. smallModel.Calls], call => Assert.Null(call.Options!.ModelId));
        Assert.Equal(4, bigModel.Calls.Count + smallModel.Calls.Count);
    }

    [Fact]
    public async Task Routers_of_your_own()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddRouter("long-is-hard", new DelegateRouter(prompt => Math.Min(prompt.Length / 1000.0, 1)));
        builder.Services.AddRoutedChatClient(sp => bigModel, sp => smallModel, options =>
        {
            options.Router = "long-is-hard";
            options.Threshold = 0.4;
        });

        await AnswersThanksWithTheWeakModelAsync(builder);
    }

    [Fact]
    public async Task With_a_calibration()
    {
        using var file = new CalibrationFile(TestCalibration.Of(BuiltInRouter.Create(), 0.3));
        string path = file.Path;

        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddRoutedChatClient(sp => bigModel, sp => smallModel, options =>
        {
            options.Calibration = RouterCalibration.Load(path);      // in a configuration: "Calibration": "calibration.json"
            options.CalibrationGroup = request => request.Options?.AdditionalProperties?.GetValueOrDefault("tenant") as string;
        });

        await AnswersThanksWithTheWeakModelAsync(builder);
    }

    [Fact]
    public async Task A_trained_router()
    {
        TestModel.CreateWriter().Save("my-router.safetensors");
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddRouter("mine", "my-router.safetensors");
        builder.Services.AddRoutedChatClient(sp => bigModel, sp => smallModel, options =>
        {
            options.Router = "mine";
            options.StrongShare = 0.3;
        });

        using IHost host = builder.Build();
        ChatResponse response = await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("thanks!", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("mine", response.GetRouteOutcome()!.Router);
    }

    [Fact]
    public async Task Scripted_in_a_unit_test()
    {
        TestChatClient strong = bigModel, weak = smallModel;
        var router = new ScriptedRouter(0.9, 0.1);
        var client = new RoutedChatClient(strong, weak, router, new TwoModelRoutingOptions { Threshold = 0.5 });

        Assert.Equal("strong", (await client.GetResponseAsync("first")).GetRouteOutcome()!.Route);
        Assert.Equal("weak", (await client.GetResponseAsync("second")).GetRouteOutcome()!.Route);
    }

    [Fact]
    public async Task Any_number_of_routes()
    {
        ModelRoute local = new("local", localModel), mini = new("mini", smallModel), big = new("big", bigModel);
        var client = new RoutedChatClient([big, mini, local], new NightShiftPolicy(big, mini, local));

        Assert.Equal("local answer", (await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken)).Text);
    }

    [Fact]
    public async Task Deployments_and_resilience()
    {
        TestChatClient bigModelInSweden = TestChatClient.Failing(new HttpRequestException("busy", null, System.Net.HttpStatusCode.TooManyRequests)), bigModelInFrance = bigModel;
        ModelRoute big = new("big",
        [
            new ModelDeployment("sweden", bigModelInSweden) { Weight = 3, Region = "swedencentral" },
            new ModelDeployment("france", bigModelInFrance),
        ]);
        ModelRoute mini = new("mini", smallModel);
        var client = new RoutedChatClient([big, mini], new ThresholdPolicy(big, mini, BuiltInRouter.Create(), new() { StrongShare = 0.3 }), new()
        {
            Resilience = new()
            {
                MaxAttempts = 5,                                // calls in all: fail-overs, retries and hedges
                AttemptTimeout = TimeSpan.FromSeconds(30),      // for a response
                FirstUpdateTimeout = TimeSpan.FromSeconds(10),  // of a stream
                TotalTimeout = TimeSpan.FromMinutes(2),
                Balancing = LoadBalancing.LeastBusy,
            },
        });

        RouteOutcome outcome = (await client.GetResponseAsync("hi", new() { ModelId = "big" }, TestContext.Current.CancellationToken)).GetRouteOutcome()!;
        Assert.Equal(["sweden", "france"], outcome.Attempts.Select(attempt => attempt.Deployment));
    }

    [Fact]
    public async Task Policies_over_many_models()
    {
        ModelRoute opus = Priced("opus", 75), sonnet = Priced("sonnet", 15), haiku = Priced("haiku", 4);
        IQualityPredictor predictor = new HigherIsDearer();

        var ladder = new LadderPolicy([opus, sonnet, haiku], [0.6, 0.25], BuiltInRouter.Create());   // or LadderPolicy.FromShares(..., [0.1, 0.3, 0.6], ...)
        var value = new BestValuePolicy([opus, sonnet, haiku], predictor, new() { QualityPerDollar = 10, Aliases = new() { ["opus"] = "gpt-4-1106-preview" } });
        var cheapest = new CheapestAbovePolicy([opus, sonnet, haiku], predictor, new() { MinQuality = 0.7, Aliases = new() { ["opus"] = "gpt-4-1106-preview" } });

        RouteDecision[] decisions = [.. await Task.WhenAll(new IRoutingPolicy[] { ladder, value, cheapest }.Select(policy => policy.DecideAsync(new("hi"), TestContext.Current.CancellationToken).AsTask()))];
        Assert.Equal(["haiku", "sonnet", "sonnet"], decisions.Select(decision => decision.Routes[0].Name));

        static ModelRoute Priced(string name, decimal outputPrice) => new(name, TestChatClient.Answering(name)) { Profile = new() { Price = new(0, outputPrice) } };
    }

    [Fact]
    public async Task Constraints_rules_and_safety()
    {
        var options = new TwoModelRoutingOptions
        {
            StrongShare = 0.3,
            WeakProfile = new() { Price = new(0.4m, 1.6m), ContextWindow = 32_000, Abilities = ModelAbilities.Tools, Tags = ["local"] },
            Rules =
            {
                new() { Name = "legal", Keywords = ["lawsuit", "Vertrag"], Route = "strong" },
                new() { Name = "long", MinLength = 8_000, Shift = -0.1 },
                new() { Name = "poems", Examples = ["Write a haiku about the moon", "Compose a sonnet"], MinSimilarity = 0.4, Threshold = 0.9 },
            },
            TenantThresholds = { ["acme"] = 0.2 },
            Safety = new()
            {
                Classifiers = { new RegexPiiClassifier() },
                Rules = { new() { Category = "pii", Action = SafetyAction.RequireTag, Target = "local" } },
            },
        };

        IChatClient client = new RoutedChatClient(bigModel, smallModel, options);
        Assert.Equal(RouteReasons.Rule, await ReasonAsync("Is a lawsuit likely?"));
        Assert.Equal(RouteReasons.OnlyCandidate, await ReasonAsync("Write to jane@example.org"));
        Assert.Equal(RouteReasons.Threshold, await ReasonAsync("Compose a sonnet"));

        async Task<string> ReasonAsync(string prompt) => (await client.GetResponseAsync(prompt, cancellationToken: TestContext.Current.CancellationToken)).GetRouteOutcome()!.Reason;
    }

    [Fact]
    public async Task Middleware_around_the_router()
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddDistributedMemoryCache();
        builder.Services
            .AddRoutedChatClient(sp => bigModel, sp => smallModel, options => options.StrongShare = 0.3)
            .UseDistributedCache()        // a repeated question is neither routed nor paid for; its outcome says IsReplay
            .UseFunctionInvocation()      // tool results go back to the model that called the tools
            .UseOpenTelemetry();          // one span for each routed call; add the source and meter "RouteLLM" for the decisions

        IHost host = await AnswersThanksWithTheWeakModelAsync(builder);
        ChatResponse again = await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("thanks!", cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(again.GetRouteOutcome()!.IsReplay);
        Assert.Single(smallModel.Calls);
    }

    [Fact]
    public async Task Neighbours_and_battles()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid()}.safetensors");
        (string, double, double)[] outcomes = [("prove it", 1, 0), ("prove that", 1, 0), ("say hello", 1, 1), ("say hello again", 0, 1)];
        IDistributedCache cache = new ServiceCollection().AddDistributedMemoryCache().BuildServiceProvider().GetRequiredService<IDistributedCache>();

        var embedder = new HashedTextEmbeddingGenerator();
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Embedder = HashedTextEmbeddingGenerator.ModelId });
        foreach ((string question, double bigScore, double smallScore) in outcomes)
        {
            ReadOnlyMemory<float> embedding = await embedder.GenerateVectorAsync(question);
            builder.Add(Battle.FromScores("gpt-4.1", bigScore, "gpt-4.1-mini", smallScore, question), embedding.Span);
        }

        builder.Save(path);
        using BattleIndex index = BattleIndex.Open(path);
        IRouter neighbors = new NearestNeighborRouter(index, "gpt-4.1", "gpt-4.1-mini", embedder);
        IRouter ranking = new SimilarityWeightedRouter(index, "gpt-4.1", "gpt-4.1-mini", embedder);

        IEmbeddingGenerator<string, Embedding<float>> cached = embedder.AsBuilder().UseDistributedCache(cache).Build();

        var collection = new ListCollection([.. Enumerable.Range(0, index.Count).Select(row =>
        {
            var stored = new float[index.Dimensions];
            index.CopyEmbedding(row, stored);
            return BattleRecord.From((index.GetBattle(row), stored), row);
        })]);
        IRouter nearest = new VectorStoreNearestNeighborRouter<BattleRecord>(collection, record => record.ToBattle(), "gpt-4.1", "gpt-4.1-mini", embedder);

        foreach (IRouter router in new[] { neighbors, ranking, nearest, new NearestNeighborRouter(index, "gpt-4.1", "gpt-4.1-mini", cached, new() { Neighbors = 1 }) })
        {
            Assert.InRange(await router.PredictWinProbabilityAsync("prove it now"), 0.5, 1);
        }

        File.Delete(path);
    }

    [Fact]
    public async Task RouteLLMs_matrix_factorisation()
    {
        string checkpoint = Artifacts.SafetensorsGoldenTests.PathOf("proj");
        IEmbeddingGenerator<string, Embedding<float>> embeddings = new HashedTextEmbeddingGenerator(96);

        MatrixFactorizationModel model = MatrixFactorizationModel.Load(checkpoint);
        IRouter mf = model.ForPair("gpt-4-1106-preview", "mixtral-8x7b-instruct-v0.1", embeddings);
        IQualityPredictor qualities = model.ForPool(embeddings, ["gpt-4-1106-preview", "claude-2.1", "mixtral-8x7b-instruct-v0.1"]);

        Assert.InRange(await mf.PredictWinProbabilityAsync("hello"), 0, 1);
        Assert.Equal(3, (await qualities.PredictQualitiesAsync(new RouteRequest("hello"))).Count);
    }

    [Fact]
    public async Task Clusters_of_prompts()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        var embedder = new HashedTextEmbeddingGenerator();
        new ClusteredModel(["large", "medium", "small"], new float[1024], [10], [0], new float[3 * 1024], [2, 1, 0]).Save(path);
        var client = TestChatClient.Answering("hi");
        try
        {
            ClusteredModel model = ClusteredModel.Load(path);
            IQualityPredictor best = model.ForPool(embedder);                        // P(best) of each model
            var router = new ClusterDriftMonitor(model.ForPair("large", "small", embedder));
            ChatResponse response = await new RoutedChatClient(client, client, router, new() { Threshold = 0.5 }).GetResponseAsync("hello");
            int? cluster = response.GetRouteOutcome()!.Cluster;
            ClusterDrift drift = router.Measure();                                   // of the last 1,000 requests: drift.Index, drift.IsSignificant

            Assert.Equal(1, (await best.PredictQualitiesAsync(new RouteRequest("hello"))).Sum(), 6);
            Assert.Equal(0, cluster);
            Assert.Equal(1, drift.Count);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Mixtures_and_judges()
    {
        HybridCache hybridCache = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider().GetRequiredService<HybridCache>();

        IRouter mixture = new MixtureRouter([new MixturePart(BuiltInRouter.Create(), 0.7), new MixturePart(new DomainRouter(), 0.3)]);

        IRouter judge = new JudgeRouter(smallModel, new JudgeRouterOptions
        {
            Cache = hybridCache,                        // scores of prompts seen before; requests for one prompt share a call
            TimeLimit = TimeSpan.FromSeconds(2),
            Fallback = BuiltInRouter.Create(),          // when it fails, is late, or answers with nonsense
        });

        Assert.InRange(await mixture.PredictWinProbabilityAsync("thanks!"), 0, 0.3);

        // This small model answers with nonsense.
        Assert.Equal(await BuiltInRouter.Create().PredictWinProbabilityAsync("hello"), await judge.PredictWinProbabilityAsync("hello"));
    }

    [Fact]
    public async Task Many_prompts_at_once()
    {
        string[] prompts = [.. Enumerable.Range(0, 2500).Select(i => $"What is {i} + {i}?")];
        IProgress<int>? progress = null;

        IReadOnlyList<double> probabilities = await BuiltInRouter.Create().PredictWinProbabilitiesAsync(prompts, new BatchPredictionOptions { BatchSize = 1000, Progress = progress });

        Assert.Equal(2500, probabilities.Count);
    }

    private static async Task<IHost> AnswersThanksWithTheWeakModelAsync(HostApplicationBuilder builder)
    {
        IHost host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
        ChatResponse response = await host.Services.GetRequiredService<IChatClient>().GetResponseAsync("thanks!", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("small answer", response.Text);
        Assert.Equal("weak", response.GetRouteOutcome()!.Route);
        return host;
    }

    sealed class HigherIsDearer : IQualityPredictor
    {
        public IReadOnlyList<string> Models => ["gpt-4-1106-preview", "sonnet", "haiku"];

        public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default) => new([0.999, 0.8, 0.3]);
    }

    sealed class NightShiftPolicy(ModelRoute big, ModelRoute mini, ModelRoute local) : IRoutingPolicy
    {
        public ValueTask<RouteDecision> DecideAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(request.Prompt.Length > 2000
                ? new RouteDecision([big, mini], "long")
                : new RouteDecision([local, mini], "short"));
    }
}
