using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.Tests.DependencyInjection;

public class SelfReferenceTests
{
    private readonly ServiceCollection _services = new();
    private readonly TestChatClient _other = TestChatClient.Answering("other");

    [Fact]
    public void A_factory_that_resolves_the_routed_client_itself_is_found_out()
    {
        _services.AddRoutedChatClient(provider => provider.GetRequiredService<IChatClient>(), _ => _other, ByShare);

        AssertFoundOut(provider => provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void So_is_one_of_a_keyed_client_and_the_key_is_named()
    {
        _services.AddKeyedRoutedChatClient("routed", _ => _other, provider => provider.GetRequiredKeyedService<IChatClient>("routed"), ByShare);

        Assert.Contains("'routed'", AssertFoundOut(provider => provider.GetRequiredKeyedService<IChatClient>("routed")).Message);
    }

    [Fact]
    public void So_is_one_that_does_it_through_another_service()
    {
        _services.AddSingleton<Assistant>();
        _services.AddRoutedChatClient(provider => provider.GetRequiredService<Assistant>().Client, _ => _other, ByShare);

        AssertFoundOut(provider => provider.GetRequiredService<IChatClient>());
        AssertFoundOut(provider => provider.GetRequiredService<Assistant>());
    }

    [Theory]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public void So_is_one_of_another_lifetime(ServiceLifetime lifetime)
    {
        _services.AddRoutedChatClient(provider => provider.GetRequiredService<IChatClient>(), _ => _other, ByShare, lifetime);

        AssertFoundOut(provider => provider.CreateScope().ServiceProvider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void So_is_a_client_registered_as_strong_that_is_the_routed_one()
    {
        _services.AddKeyedChatClient("strong", provider => provider.GetRequiredService<IChatClient>());
        _services.AddKeyedChatClient("weak", _other);
        _services.AddRoutedChatClient(ByShare);

        AssertFoundOut(provider => provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void So_is_a_routed_client_registered_under_the_key_of_its_own_model()
    {
        _services.AddKeyedChatClient("weak", _other);
        _services.AddKeyedRoutedChatClient("strong", ByShare);

        AssertFoundOut(provider => provider.GetRequiredKeyedService<IChatClient>("strong"));
    }

    [Fact]
    public void A_client_that_cannot_be_made_is_tried_anew_the_next_time()
    {
        int attempts = 0;
        _services.AddRoutedChatClient(_ => ++attempts == 1 ? throw new TimeoutException() : _other, _ => _other, ByShare);
        using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.Throws<TimeoutException>(() => provider.GetRequiredService<IChatClient>());
        Assert.NotNull(provider.GetRequiredService<IChatClient>());
    }

    [Fact]
    public void One_routed_client_may_be_a_model_of_another()
    {
        _services.AddKeyedRoutedChatClient("inner", _ => _other, _ => _other, ByShare);
        _services.AddRoutedChatClient(_ => _other, provider => provider.GetRequiredKeyedService<IChatClient>("inner"), ByShare);
        using ServiceProvider provider = _services.BuildServiceProvider();

        Assert.NotNull(provider.GetRequiredService<IChatClient>().GetService<RoutedChatClient>("weak"));
    }

    [Fact]
    public void So_is_a_router_that_is_made_from_the_client_it_routes()
    {
        _services.AddRouter("judge", provider => new JudgingRouter(provider.GetRequiredService<IChatClient>()));
        _services.AddRoutedChatClient(_ => _other, _ => _other, options =>
        {
            options.Router = "judge";
            options.Threshold = 0.3;
        });

        Assert.Contains("router", AssertFoundOut(provider => provider.GetRequiredService<IChatClient>()).Message);
    }

    [Fact]
    public void So_is_a_pipelines_weak_client_that_resolves_the_pipeline()
    {
        _services.AddChatClient(_ => _other).UseModelRouting(provider => provider.GetRequiredService<IChatClient>(), ByShare);

        Assert.Contains("UseModelRouting", AssertFoundOut(provider => provider.GetRequiredService<IChatClient>()).Message);
    }

    private static void ByShare(TwoModelRoutingOptions options) => options.StrongShare = 0.3;

    private InvalidOperationException AssertFoundOut(Func<IServiceProvider, object> resolve)
    {
        using ServiceProvider provider = _services.BuildServiceProvider();
        var error = Assert.Throws<InvalidOperationException>(() => resolve(provider));
        Assert.Contains("is made from that client itself", error.Message);
        Assert.Contains("AddKeyedChatClient", error.Message);
        return error;
    }

    private sealed class Assistant(IChatClient client)
    {
        public IChatClient Client => client;
    }

    private sealed class JudgingRouter(IChatClient judge) : IRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(0.5);

        public object? GetService(Type serviceType, object? serviceKey = null) => judge.GetService(serviceType, serviceKey);
    }
}
