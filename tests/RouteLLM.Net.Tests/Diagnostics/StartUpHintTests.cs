using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RouteLLM.Tests.DependencyInjection;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>What a client says, once, of a set-up that may surprise.</summary>
public class StartUpHintTests
{
    private readonly LogRecorder _log = new();
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    [Fact]
    public void A_set_up_without_surprises_says_nothing()
    {
        Start(new() { Threshold = 0.49 });
        Start(new() { StrongShare = 0.3 });
        Start(new() { Threshold = 0.3 }, Trained("big", "small"));

        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_threshold_of_a_half_or_more_given_by_hand(double threshold)
    {
        Start(new() { Threshold = threshold });

        LogRecorder.Entry hint = Assert.Single(_log.Entries);
        Assert.Equal(("HighThreshold", LogLevel.Information), (hint.EventName, hint.Level));
        Assert.Equal(threshold, hint.Values["Threshold"]);
        Assert.Contains("StrongShare", hint.Text);
    }

    [Fact]
    public void A_high_threshold_that_a_share_asks_for_is_none_of_that()
    {
        Start(new() { StrongShare = 0.05 });

        Assert.Empty(_log.Entries);
    }

    [Fact]
    public void No_failover_target_because_it_is_switched_off()
    {
        Start(new() { Threshold = 0.3, FailOver = false });

        Assert.Contains("FailOver to true", Assert.Single(_log.Entries).Text);
        _log.Single("NoFailoverTarget");
    }

    [Fact]
    public void No_failover_target_because_both_models_share_one_client()
    {
        using var client = new RoutedChatClient(_strong, _strong, FakeRouter.ReadingPrompts(), new TwoModelRoutingOptions { Threshold = 0.3, StrongModel = "big", WeakModel = "small" }, _log);

        Assert.Contains("share one client", _log.Single("NoFailoverTarget").Text);
    }

    [Fact]
    public void A_router_that_was_trained_for_other_models()
    {
        Start(new() { Threshold = 0.3, WeakModel = "smaller" }, Trained("gpt-4", "mixtral"));

        LogRecorder.Entry hint = Assert.Single(_log.Entries);
        Assert.Equal(("TrainedForOtherModels", LogLevel.Information), (hint.EventName, hint.Level));
        Assert.All(["big", "smaller", "gpt-4", "mixtral", "recalibrate"], text => Assert.Contains(text, hint.Text));
    }

    [Fact]
    public void Models_that_are_unknown_are_told_as_such()
    {
        using var client = new RoutedChatClient(
            TestChatClient.Answering("answer"), TestChatClient.Answering("answer"), Trained("gpt-4", "mixtral"), new TwoModelRoutingOptions { Threshold = 0.3 }, _log);

        Assert.Contains("(unknown, unknown)", _log.Single("TrainedForOtherModels").Text);
    }

    [Fact]
    public async Task Requests_repeat_no_hint()
    {
        using var client = new RoutedChatClient(
            _strong, _weak, Trained("gpt-4", "mixtral"), new TwoModelRoutingOptions { Threshold = 0.5, FailOver = false }, _log);
        for (int i = 0; i < 3; i++)
        {
            await client.GetResponseAsync("Hello", cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(["HighThreshold", "NoFailoverTarget", "TrainedForOtherModels"], Hints().Order());
    }

    [Theory]
    [InlineData(ServiceLifetime.Singleton)]
    [InlineData(ServiceLifetime.Scoped)]
    [InlineData(ServiceLifetime.Transient)]
    public void In_a_host_they_are_told_once_whatever_the_lifetime_and_however_often_the_configuration_changes(ServiceLifetime lifetime)
    {
        (string, string?)[] values = [("Router", "trained"), ("Threshold", "0.5"), ("FailOver", "false")];
        var configuration = new ReloadableConfiguration(values);
        var services = new ServiceCollection();
        services.AddSingleton<ILoggerFactory>(_log);
        services.AddRouter("trained", Trained("gpt-4", "mixtral"));
        services.AddRoutedChatClient(_ => _strong, _ => _weak, configuration.Root, lifetime);
        using ServiceProvider provider = services.BuildServiceProvider();
        using IServiceScope first = provider.CreateScope(), second = provider.CreateScope();

        foreach (IServiceScope scope in new[] { first, second })
        {
            scope.ServiceProvider.GetRequiredService<IChatClient>();
            scope.ServiceProvider.GetRequiredService<IChatClient>();
        }

        configuration.Change(values);
        configuration.Change(values);

        Assert.Equal(["HighThreshold", "NoFailoverTarget", "TrainedForOtherModels"], Hints().Order());
        Assert.Equal(2, _log.Entries.Count(entry => entry.EventName == "ConfigurationChanged"));
    }

    [Fact]
    public void The_built_in_router_names_the_pair_it_was_trained_for()
    {
        Start(new() { StrongShare = 0.3 }, BuiltInRouter.Create());

        Assert.Contains("gpt-4-1106-preview", _log.Single("TrainedForOtherModels").Text);
    }

    private static FakeRouter Trained(string strong, string weak) => new((_, _) => new(0.4), metadata: new RouterMetadata("trained", strong, weak));

    private IEnumerable<string?> Hints() =>
        _log.Entries.Where(entry => entry.Level == LogLevel.Information && entry.EventName != "ConfigurationChanged").Select(entry => entry.EventName);

    private void Start(TwoModelRoutingOptions options, IRouter? router = null) =>
        new RoutedChatClient(_strong, _weak, router ?? FakeRouter.ReadingPrompts(), options, _log).Dispose();
}
