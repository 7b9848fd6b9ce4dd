using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Quickstart.Tests;

/// <summary>The sample's own clients behind the routed one, with a model string in the request as users of RouteLLM write it.</summary>
public sealed class ModelStringTests : IAsyncLifetime
{
    private FakeModelServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeModelServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_router_string_chooses_the_model_and_never_reaches_the_server(bool openAI, bool streaming)
    {
        Settings settings = openAI
            ? new() { Endpoint = _server.OpenAIEndpoint, ApiKey = FakeModelServer.Key, StrongModel = FakeModelServer.Strong, WeakModel = FakeModelServer.Weak }
            : new() { Ollama = _server.Address, StrongModel = FakeModelServer.Strong, WeakModel = FakeModelServer.Weak };
        ModelPair models = ModelPair.Create(settings, TestContext.Current.CancellationToken);
        var services = new ServiceCollection();
        services.AddRoutedChatClient(_ => models.Strong, _ => models.Weak, options => options.StrongShare = 0);
        await using ServiceProvider provider = services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();

        ChatResponse byString = await AskAsync(new ChatOptions { ModelId = "router-builtin-0" });
        ChatResponse asSetUp = await AskAsync(null);
        ChatResponse byName = await AskAsync(new ChatOptions { ModelId = FakeModelServer.Strong });

        Assert.Equal([FakeModelServer.Strong, FakeModelServer.Weak, FakeModelServer.Strong], _server.ModelsAsked);
        Assert.DoesNotContain(_server.Requests, request => request.ToJsonString().Contains("router-", StringComparison.Ordinal));
        Assert.All(_server.Requests, request => Assert.Equal(streaming, (bool?)request["stream"] ?? false));
        Assert.Equal(["strong", "weak", "strong"], new[] { byString, asSetUp, byName }.Select(response => response.GetRouteOutcome()?.Route));
        Assert.Equal($"Answer of {FakeModelServer.Strong}", byString.Text);
        Assert.Equal(FakeModelServer.OutputTokens, byString.Usage?.OutputTokenCount);

        Task<ChatResponse> AskAsync(ChatOptions? options) => streaming
            ? client.GetStreamingResponseAsync("hello", options, TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
            : client.GetResponseAsync("hello", options, TestContext.Current.CancellationToken);
    }
}
