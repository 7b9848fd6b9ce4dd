using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Tests.DependencyInjection;

public class RegistrationTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak");
    private readonly ServiceCollection _services = new();

    public RegistrationTests() => _services.AddRouter("fake", FakeRouter.ReadingPrompts());

    [Fact]
    public async Task Factories_give_the_two_clients()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, UseFakeRouter);

        await using ServiceProvider provider = _services.BuildServiceProvider();

        await AssertRoutesByTheFakeRouter(provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task Without_factories_the_clients_are_those_registered_as_strong_and_weak()
    {
        _services.AddKeyedChatClient("strong", _strong);
        _services.AddKeyedChatClient("weak", _ => _weak);
        _services.AddRoutedChatClient(UseFakeRouter);

        await using ServiceProvider provider = _services.BuildServiceProvider();

        await AssertRoutesByTheFakeRouter(provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public async Task Keyed_clients_have_options_of_their_own()
    {
        _services.AddKeyedChatClient("strong", _strong);
        _services.AddKeyedChatClient("weak", _weak);
        _services.AddKeyedRoutedChatClient("frugal", options => UseFakeRouter(options, 0.9));
        _services.AddKeyedRoutedChatClient("lavish", _ => _strong, _ => _weak, options => UseFakeRouter(options, 0.1));
        _services.AddRoutedChatClient(UseFakeRouter);

        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.Equal(0.9, await ThresholdOf(provider.GetRequiredKeyedService<IChatClient>("frugal")));
        Assert.Equal(0.1, await ThresholdOf(provider.GetRequiredKeyedService<IChatClient>("lavish")));
        Assert.Equal(0.5, await ThresholdOf(provider.GetRequiredService<IChatClient>()));
    }

    [Fact]
    public async Task The_builder_adds_middleware_around_the_router()
    {
        RouteOutcome? seenOutside = null;
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, UseFakeRouter).Use(
            async (messages, options, inner, cancellationToken) =>
            {
                ChatResponse response = await inner.GetResponseAsync(messages, options, cancellationToken);
                seenOutside = response.GetRouteOutcome();
                return response;
            },
            getStreamingResponseFunc: null);

        await using ServiceProvider provider = _services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();
        await client.GetResponseAsync("0.8", cancellationToken: Cancel);

        Assert.IsNotType<RoutedChatClient>(client);
        Assert.NotNull(client.GetService<RoutedChatClient>());
        Assert.Equal("strong", seenOutside!.Route);
    }

    [Fact]
    public async Task A_singleton_by_default()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, UseFakeRouter);
        _services.AddKeyedRoutedChatClient("key", _ => _strong, _ => _weak, UseFakeRouter);

        await using ServiceProvider provider = _services.BuildServiceProvider();
        using IServiceScope scope = provider.CreateScope();

        Assert.Same(provider.GetRequiredService<IChatClient>(), scope.ServiceProvider.GetRequiredService<IChatClient>());
        Assert.Same(provider.GetRequiredKeyedService<IChatClient>("key"), scope.ServiceProvider.GetRequiredKeyedService<IChatClient>("key"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_scoped_client_is_one_per_scope_and_takes_its_models_clients_from_the_scope(bool keyed)
    {
        _services.AddKeyedChatClient("strong", _ => TestChatClient.Answering("scoped strong"), ServiceLifetime.Scoped);
        _services.AddKeyedChatClient("weak", _ => TestChatClient.Answering("scoped weak"), ServiceLifetime.Scoped);
        object? key = keyed ? "key" : null;
        if (keyed)
        {
            _services.AddKeyedRoutedChatClient("key", UseFakeRouter, ServiceLifetime.Scoped);
        }
        else
        {
            _services.AddRoutedChatClient(UseFakeRouter, ServiceLifetime.Scoped);
        }

        await using ServiceProvider provider = _services.BuildServiceProvider(validateScopes: true);
        using IServiceScope first = provider.CreateScope(), second = provider.CreateScope();
        IChatClient one = first.ServiceProvider.GetRequiredKeyedService<IChatClient>(key), two = second.ServiceProvider.GetRequiredKeyedService<IChatClient>(key);

        Assert.Same(one, first.ServiceProvider.GetRequiredKeyedService<IChatClient>(key));
        Assert.NotSame(one, two);
        Assert.Same(first.ServiceProvider.GetRequiredKeyedService<IChatClient>("strong"), one.GetService<TestChatClient>("strong"));
        Assert.NotSame(one.GetService<TestChatClient>("strong"), two.GetService<TestChatClient>("strong"));
        await AssertRoutesByTheFakeRouter(one, "scoped ");
    }

    [Fact]
    public async Task A_transient_client_is_new_each_time()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, UseFakeRouter, ServiceLifetime.Transient);

        await using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.NotSame(provider.GetRequiredService<IChatClient>(), provider.GetRequiredService<IChatClient>());
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public async Task Clients_the_container_made_are_disposed_by_it_once(ServiceLifetime lifetime)
    {
        var made = new List<TestChatClient>();
        IChatClient Make(IServiceProvider _)
        {
            made.Add(TestChatClient.Answering("made"));
            return made[^1];
        }

        _services.AddKeyedChatClient("strong", Make, lifetime);
        _services.AddKeyedChatClient("weak", Make, lifetime);
        _services.AddRoutedChatClient(UseFakeRouter, lifetime);
        await using (ServiceProvider provider = _services.BuildServiceProvider())
        {
            await using (AsyncServiceScope scope = provider.CreateAsyncScope())
            {
                scope.ServiceProvider.GetRequiredService<IChatClient>();
                Assert.Equal([0, 0], made.Select(client => client.DisposeCount));
            }

            Assert.Equal(lifetime == ServiceLifetime.Singleton ? [0, 0] : [1, 1], made.Select(client => client.DisposeCount));
        }

        Assert.Equal([1, 1], made.Select(client => client.DisposeCount));
    }

    [Fact]
    public async Task Clients_the_application_made_stay_its_own()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, UseFakeRouter);
        ServiceProvider provider = _services.BuildServiceProvider();
        IChatClient client = provider.GetRequiredService<IChatClient>();

        await provider.DisposeAsync();

        Assert.Equal(0, _strong.DisposeCount);
        Assert.Equal(0, _weak.DisposeCount);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetResponseAsync("0.1", cancellationToken: Cancel));
    }

    [Theory]
    [InlineData("strong")]
    [InlineData("weak")]
    public async Task A_factory_that_gives_no_client_is_named(string faulty)
    {
        _services.AddKeyedChatClient("strong", _strong);
        _services.AddKeyedChatClient("weak", _weak);
        _services.AddRoutedChatClient(_ => faulty == "strong" ? null! : _strong, _ => faulty == "weak" ? null! : _weak, UseFakeRouter);

        await using ServiceProvider provider = _services.BuildServiceProvider();

        var error = Assert.Throws<InvalidOperationException>(() => provider.GetRequiredService<IChatClient>());
        Assert.Contains($"{faulty} client", error.Message);
        Assert.Contains("null", error.Message);
    }

    [Fact]
    public void Null_arguments_are_refused_when_registering()
    {
        Assert.Throws<ArgumentNullException>("services", () => RoutedChatClientServiceCollectionExtensions.AddRoutedChatClient(null!));
        Assert.Throws<ArgumentNullException>("strong", () => _services.AddRoutedChatClient(null!, _ => _weak));
        Assert.Throws<ArgumentNullException>("weak", () => _services.AddRoutedChatClient(_ => _strong, null!));
        Assert.Throws<ArgumentNullException>("strong", () => _services.AddKeyedRoutedChatClient("key", null!, _ => _weak));
        Assert.Throws<ArgumentNullException>("weak", () => _services.AddKeyedRoutedChatClient("key", _ => _strong, null!));
        Assert.Throws<ArgumentNullException>("serviceKey", () => _services.AddKeyedRoutedChatClient(null!));
        Assert.Throws<ArgumentNullException>("configuration", () => _services.AddRoutedChatClient(configuration: null!));
        Assert.Throws<ArgumentNullException>("router", () => _services.AddRouter("name", (IRouter)null!));
        Assert.Throws<ArgumentException>("name", () => _services.AddRouter(" ", FakeRouter.ReadingPrompts()));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static void UseFakeRouter(TwoModelRoutingOptions options) => UseFakeRouter(options, 0.5);

    private static void UseFakeRouter(TwoModelRoutingOptions options, double threshold)
    {
        options.Router = "fake";
        options.Threshold = threshold;
    }

    private static async Task AssertRoutesByTheFakeRouter(IChatClient client, string prefix = "from ")
    {
        Assert.Equal($"{prefix}strong", (await client.GetResponseAsync("0.8", cancellationToken: Cancel)).Text);
        Assert.Equal($"{prefix}weak", (await client.GetResponseAsync("0.2", cancellationToken: Cancel)).Text);
    }

    private static async Task<double?> ThresholdOf(IChatClient client) =>
        (await client.GetResponseAsync("0.5", cancellationToken: Cancel)).GetRouteOutcome()!.Threshold;
}
