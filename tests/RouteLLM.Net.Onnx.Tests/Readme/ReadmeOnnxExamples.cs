using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Onnx.Tests.Readme;

/// <summary>README's C# on models that run on ONNX Runtime, compiled and run. The core's tests check that every block of README stands here or in other examples.</summary>
public class ReadmeOnnxExamples
{
    [Fact]
    public async Task A_classifier_by_hand()
    {
        IChatClient strong = new EchoChatClient("strong"), weak = new EchoChatClient("weak");
        string folder = Golden.Folder("bert-uncased");

        using BertClassifierRouter bert = BertClassifierRouter.Load(folder);       // model.onnx, config.json, the tokenizer's files
        IChatClient client = new RoutedChatClient(strong, weak, bert, new() { Threshold = 0.5 });

        Assert.Equal("bert", bert.GetService<RouterMetadata>()!.Name);
        Assert.NotNull((await client.GetResponseAsync("hello")).GetRouteOutcome()!.WinProbability);
    }

    [Fact]
    public async Task Models_in_a_host()
    {
        string bertFolder = Golden.Folder("bert-uncased");
        using ModelFolder states = ModelFolder.Of(OnnxGraph.IdsAsStates());
        string miniLmFolder = states.Path;
        var services = new ServiceCollection();

        services.AddBertRouter(bertFolder);                                        // router-bert-0.5
        services.AddOnnxEmbeddings(miniLmFolder, options => options.MaxTokens = 256).UseDistributedCache();
        services.AddRoutedChatClient(options => options.StrongShare = 0.3);        // over the clients keyed "strong" and "weak"

        services.AddDistributedMemoryCache();
        services.AddKeyedChatClient("strong", new EchoChatClient("strong"));
        services.AddKeyedChatClient("weak", new EchoChatClient("weak"));
        await using ServiceProvider provider = services.BuildServiceProvider();
        RouteOutcome outcome = (await provider.GetRequiredService<IChatClient>().GetResponseAsync("hello", new() { ModelId = "router-bert-0.5" })).GetRouteOutcome()!;
        Assert.Equal("bert", outcome.Router);
        Assert.Equal(2, (await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateVectorAsync("hello")).Length);
    }

    [Fact]
    public async Task Options_of_a_classifier()
    {
        using ModelFolder hard = ModelFolder.CopyOf(Golden.Folder("bert-uncased"));
        string folder = hard.Path;
        File.WriteAllText(hard["config.json"], """{"id2label": {"0": "easy", "1": "medium", "2": "hard"}}""");

        using BertClassifierRouter router = BertClassifierRouter.Load(folder, new()
        {
            Name = "hardness",
            StrongLabels = ["hard"],                                               // names of config.json, or numbers
            Model = new() { IntraOpThreads = 4, AllowSpinning = false, ConfigureSession = session => session.AppendExecutionProvider_CPU() },   // or CUDA, DirectML
            Batching = new() { MaxBatchSize = 64, MaxWait = TimeSpan.FromMilliseconds(5), QueueCapacity = 2000 },
        });

        Assert.InRange(await router.PredictWinProbabilityAsync("hello"), 0, 1);
    }

    [Fact]
    public async Task A_causal_language_model()
    {
        string causalFolder = Golden.Folder("causal"), system = "Rate from [[1]] to [[5]].", classifier = "{question}";
        var services = new ServiceCollection();

        using CausalClassifierRouter causal = CausalClassifierRouter.Load(causalFolder, new() { SystemMessage = system, ClassifierMessage = classifier });
        services.AddCausalRouter(causalFolder);                                    // router-causal_llm-0.5; messages from files in the folder

        Assert.InRange(await causal.PredictWinProbabilityAsync("hello"), 0, 1);
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Contains("'system_ft_v5.txt'", Assert.Throws<OnnxModelException>(() => provider.GetRequiredService<IRouterRegistry>().Find("causal_llm")).Message, StringComparison.Ordinal);
    }
}
