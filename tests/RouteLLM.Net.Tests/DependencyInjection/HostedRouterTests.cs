using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>The named routers of a container.</summary>
public class HostedRouterTests
{
    private readonly ServiceCollection _services = new();
    private readonly TestChatClient _model = TestChatClient.Answering("answer");

    [Theory]
    [InlineData("by-hand")]
    [InlineData("added")]
    [InlineData("made-once")]
    [InlineData("builtin")]
    [InlineData("mf")]
    public async Task Model_ids_find_them(string name)
    {
        _services.AddKeyedSingleton<IRouter>("by-hand", new FakeRouter(0.4));
        _services.AddRouter("added", new FakeRouter(0.4));
        _services.AddRouter("made-once", _ => new FakeRouter(0.4));

        RouteOutcome outcome = await Ask($"router-{name}-0.3");

        Assert.Equal(name, outcome.Router);
        Assert.Equal(0.3, outcome.Threshold);
        Assert.Equal(name is "builtin" or "mf" ? await BuiltInRouter.Create().PredictWinProbabilityAsync("Hello", Cancel) : 0.4, outcome.WinProbability);
    }

    [Fact]
    public async Task Options_find_them_also_those_registered_after_the_client()
    {
        _services.AddRoutedChatClient(_ => _model, _ => _model, options => (options.Router, options.Threshold) = ("late", 0.3));
        _services.AddKeyedSingleton<IRouter>("late", new FakeRouter(0.4));
        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.Equal(0.4, (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello", cancellationToken: Cancel)).GetRouteOutcome()!.WinProbability);
    }

    [Fact]
    public async Task Errors_list_them()
    {
        _services.AddKeyedSingleton<IRouter>("by-hand", new FakeRouter(0.4));
        _services.AddRouter("added", new FakeRouter(0.4));

        var error = await Assert.ThrowsAsync<ArgumentException>(() => Ask("router-other-0.3"));

        Assert.Contains("router-other-0.3", error.Message);
        Assert.Contains("added, builtin, by-hand, mf", error.Message);
    }

    [Theory]
    [InlineData("builtin", true)]
    [InlineData("builtin", false)]
    [InlineData("mf", true)]
    [InlineData("mf", false)]
    public async Task The_built_in_names_can_be_given_to_others_before_and_after_the_client_is_registered(string name, bool before)
    {
        if (before)
        {
            _services.AddRouter(name, new FakeRouter(0.123));
        }

        _services.AddKeyedRoutedChatClient("other", _ => _model, _ => _model, options => options.Threshold = 0.3);
        if (!before)
        {
            _services.AddRouter(name, new FakeRouter(0.123));
        }

        Assert.Equal(0.123, (await Ask($"router-{name}-0.3")).WinProbability);
        Assert.NotEqual(0.123, (await Ask($"router-{(name == "mf" ? "builtin" : "mf")}-0.3")).WinProbability);
    }

    [Fact]
    public async Task A_router_is_made_once_when_first_asked_for()
    {
        int made = 0;
        _services.AddRouter("lazy", _ =>
        {
            made++;
            return new FakeRouter(0.4);
        });
        _services.AddRoutedChatClient(_ => _model, _ => _model, options => options.Threshold = 0.3);
        await using ServiceProvider provider = _services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();

        await client.GetResponseAsync("Hello", cancellationToken: Cancel);
        Assert.Equal(0, made);
        await client.GetResponseAsync("Hello", new ChatOptions { ModelId = "router-lazy-0.3" }, Cancel);
        await client.GetResponseAsync("Hello", new ChatOptions().SetRouter("lazy"), Cancel);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task An_application_may_bring_a_registry_of_its_own()
    {
        _services.AddSingleton<IRouterRegistry>(new RouterRegistry().Add("mine", new FakeRouter(0.4)));

        Assert.Equal(0.4, (await Ask("router-mine-0.3")).WinProbability);
    }

    [Fact]
    public async Task The_container_disposes_the_routers_it_made_and_not_those_it_was_given()
    {
        var given = new DisposableRouter();
        var made = new DisposableRouter();
        _services.AddRouter("given", given);
        _services.AddRouter("made", _ => made);
        await using (ServiceProvider provider = _services.BuildServiceProvider())
        {
            IRouterRegistry registry = provider.GetRequiredService<IRouterRegistry>();
            Assert.Same(given, registry.Find("given"));
            Assert.Same(made, registry.Find("made"));
        }

        Assert.Equal(0, given.DisposeCount);
        Assert.Equal(1, made.DisposeCount);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<RouteOutcome> Ask(string modelId)
    {
        _services.AddRoutedChatClient(_ => _model, _ => _model, options => options.Threshold = 0.3);
        await using ServiceProvider provider = _services.BuildServiceProvider();
        return (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello", new ChatOptions { ModelId = modelId }, Cancel)).GetRouteOutcome()!;
    }

    private sealed class DisposableRouter : IRouter, IDisposable
    {
        public int DisposeCount { get; private set; }

        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(0.5);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose() => DisposeCount++;
    }
}
