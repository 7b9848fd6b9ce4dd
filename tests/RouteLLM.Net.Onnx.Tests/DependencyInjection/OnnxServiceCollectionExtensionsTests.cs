using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Onnx.Tests.DependencyInjection;

public class OnnxServiceCollectionExtensionsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_id_asks_for_the_BERT_router_and_a_threshold()
    {
        var services = new ServiceCollection();
        services.AddBertRouter(Golden.Folder("bert-uncased"));
        services.AddRoutedChatClient(static _ => new EchoChatClient("strong"), static _ => new EchoChatClient("weak"), static options => options.StrongShare = 0.3);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        Golden.ClassifierCase first = Golden.ClassifierCases("bert-uncased").First(static one => one.Text.StartsWith('h') || one.Text.Length == 30);

        RouteOutcome low = (await client.GetResponseAsync(first.Text, new ChatOptions { ModelId = "router-bert-0.0001" }, Token)).GetRouteOutcome()!;
        RouteOutcome high = (await client.GetResponseAsync(first.Text, new ChatOptions { ModelId = "router-bert-0.9999" }, Token)).GetRouteOutcome()!;
        Assert.Equal(("strong", "bert"), (low.Route, low.Router));
        Assert.Equal(("weak", "bert"), (high.Route, high.Router));
        Assert.Equal(first.WinRate, low.WinProbability!.Value, 1e-5);
    }

    [Fact]
    public async Task Routers_have_names_of_their_own_and_are_disposed_with_the_container()
    {
        var services = new ServiceCollection();
        services.AddBertRouter(Golden.Folder("bert-uncased"), "my-bert", static options => options.MaxTokens = 64);
        BertClassifierRouter router;
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            router = (BertClassifierRouter)provider.GetRequiredService<IRouterRegistry>().Find("my-bert")!;
            Assert.Equal("my-bert", router.GetService<RouterMetadata>()!.Name);
            Assert.Equal(64, router.GetService<PromptTokenizer>()!.MaxLength);
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => router.PredictWinProbabilityAsync("hello", Token).AsTask());
    }

    [Fact]
    public async Task A_model_id_asks_for_the_causal_router_and_a_threshold()
    {
        var services = new ServiceCollection();
        services.AddCausalRouter(
            Golden.Folder("causal"), configure: static options => (options.SystemMessage, options.ClassifierMessage) = ("Rate from [[1]] to [[5]].", "{question}"));
        services.AddRoutedChatClient(static _ => new EchoChatClient("strong"), static _ => new EchoChatClient("weak"), static options => options.StrongShare = 0.3);
        await using ServiceProvider provider = services.BuildServiceProvider();
        RouteOutcome outcome = (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello", new ChatOptions { ModelId = "router-causal_llm-0" }, Token)).GetRouteOutcome()!;
        Assert.Equal(("strong", "causal_llm"), (outcome.Route, outcome.Router));
    }

    [Fact]
    public async Task Embeddings_are_registered_as_the_generator_and_under_keys()
    {
        using ModelFolder folder = ModelFolder.Of(OnnxGraph.IdsAsStates());
        var services = new ServiceCollection();
        services.AddOnnxEmbeddings(folder.Path);
        services.AddKeyedOnnxEmbeddings("raw", folder.Path, static options => options.Normalize = false);
        await using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Equal(MathF.Sqrt(0.5f), (await provider.GetRequiredService<IEmbeddingGenerator<string, Embedding<float>>>().GenerateVectorAsync("hello", cancellationToken: Token)).Span[0], 1e-6f);
        Assert.True((await provider.GetRequiredKeyedService<IEmbeddingGenerator<string, Embedding<float>>>("raw").GenerateVectorAsync("hello", cancellationToken: Token)).Span[0] > 1);
    }

    [Fact]
    public void A_missing_folder_shows_when_the_router_is_first_asked_for()
    {
        var services = new ServiceCollection();
        services.AddBertRouter("nowhere");
        using ServiceProvider provider = services.BuildServiceProvider();

        Assert.Contains("'nowhere'", Assert.Throws<OnnxModelException>(() => provider.GetRequiredService<IRouterRegistry>().Find("bert")).Message, StringComparison.Ordinal);
    }
}
