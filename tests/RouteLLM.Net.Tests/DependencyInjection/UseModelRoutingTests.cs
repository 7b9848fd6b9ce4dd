using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Tests.DependencyInjection;

public class UseModelRoutingTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak");

    [Fact]
    public async Task The_inner_client_is_the_strong_one()
    {
        using IChatClient client = _strong.AsBuilder().UseModelRouting(_weak, options => options.Threshold = 0.5, FakeRouter.ReadingPrompts()).Build();

        Assert.Equal("from strong", (await client.GetResponseAsync("0.5", cancellationToken: Cancel)).Text);
        Assert.Equal("from weak", (await client.GetStreamingResponseAsync("0.4", cancellationToken: Cancel).ToChatResponseAsync(Cancel)).Text);
        Assert.Same(_strong, client.GetService<TestChatClient>("strong"));
        Assert.Same(_weak, client.GetService<TestChatClient>("weak"));
    }

    [Fact]
    public async Task Keyed_routers_are_found_without_any_other_registration()
    {
        var services = new ServiceCollection();
        services.AddKeyedSingleton<IRouter>("mine", new FakeRouter(0.9));
        services.AddChatClient(_ => _strong).UseModelRouting(_ => _weak, options => options.StrongShare = 0);
        using ServiceProvider provider = services.BuildServiceProvider();

        ChatResponse response = await provider.GetRequiredService<IChatClient>().GetResponseAsync("hi", new() { ModelId = "router-mine-0.8" }, Cancel);

        Assert.Equal(("strong", "mine"), (response.GetRouteOutcome()!.Route, response.GetRouteOutcome()!.Router));
    }

    [Fact]
    public async Task Middleware_inside_is_the_strong_models_alone_and_middleware_outside_sees_both()
    {
        var inside = new List<string>();
        var outside = new List<string>();
        using IChatClient client = _strong.AsBuilder()
            .Use((messages, options, next, cancellationToken) => Note(outside, messages, options, next, cancellationToken))
            .UseModelRouting(_weak, options => options.Threshold = 0.5, FakeRouter.ReadingPrompts())
            .Use((messages, options, next, cancellationToken) => Note(inside, messages, options, next, cancellationToken))
            .Build();

        await client.GetResponseAsync("0.6", cancellationToken: Cancel);
        await client.GetResponseAsync("0.4", cancellationToken: Cancel);

        Assert.Equal(["0.6", "0.4"], outside);
        Assert.Equal(["0.6"], inside);
    }

    [Fact]
    public void The_pipeline_owns_the_strong_client_and_not_the_weak_one()
    {
        IChatClient client = _strong.AsBuilder().UseModelRouting(_weak, options => options.StrongShare = 0.3).Build();

        client.Dispose();
        client.Dispose();

        Assert.Equal(1, _strong.DisposeCount);
        Assert.Equal(0, _weak.DisposeCount);
    }

    [Fact]
    public async Task In_a_container_it_finds_the_weak_client_the_routers_and_the_loggers_there()
    {
        var log = new ListLogger();
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(log);
        services.AddRouter("fake", FakeRouter.ReadingPrompts());
        services.AddKeyedChatClient("weak", _ => _weak);
        services.AddChatClient(_ => _strong).UseModelRouting(
            provider => provider.GetRequiredKeyedService<IChatClient>("weak"), options => (options.Router, options.Threshold) = ("fake", 0.5));
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            IChatClient client = provider.GetRequiredService<IChatClient>();
            Assert.Equal("from weak", (await client.GetResponseAsync("0.4", cancellationToken: Cancel)).Text);
            Assert.Equal("from strong", (await client.GetResponseAsync("0.4", new ChatOptions { ModelId = "router-fake-0.3" }, Cancel)).Text);
        }

        Assert.Contains(log.Entries, entry => entry.Text.Contains("Routed to weak", StringComparison.Ordinal));
        Assert.Equal((1, 1), (_strong.DisposeCount, _weak.DisposeCount));
    }

    [Fact]
    public void Options_are_validated_when_the_pipeline_is_built()
    {
        ChatClientBuilder builder = _strong.AsBuilder().UseModelRouting(_weak, _ => { });

        Assert.Contains("Neither Threshold nor StrongShare", Assert.Throws<ArgumentException>(() => builder.Build()).Message);
    }

    [Fact]
    public void Null_arguments_are_refused()
    {
        Assert.Throws<ArgumentNullException>("builder", () => RoutedChatClientBuilderExtensions.UseModelRouting(null!, _ => _weak, _ => { }));
        Assert.Throws<ArgumentNullException>("weak", () => _strong.AsBuilder().UseModelRouting((IChatClient)null!, _ => { }));
        Assert.Throws<ArgumentNullException>("weak", () => _strong.AsBuilder().UseModelRouting((Func<IServiceProvider, IChatClient>)null!, _ => { }));
        Assert.Throws<ArgumentNullException>("configure", () => _strong.AsBuilder().UseModelRouting(_weak, null!));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static async Task Note(
        List<string> seen, IEnumerable<ChatMessage> messages, ChatOptions? options, Func<IEnumerable<ChatMessage>, ChatOptions?, CancellationToken, Task> next, CancellationToken cancellationToken)
    {
        seen.Add(messages.Last().Text);
        await next(messages, options, cancellationToken);
    }
}
