using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RouteLLM.Tests.Calibration;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>What happens when a configuration changes while the application runs.</summary>
public sealed class ReloadTests : IDisposable
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak");
    private readonly ReloadableConfiguration _configuration = new(("Router", "fake"), ("Threshold", "0.3"));
    private readonly ListLogger _log = new();
    private readonly ServiceCollection _services = new();
    private ServiceProvider? _provider;

    public ReloadTests()
    {
        _services.AddSingleton<ILoggerFactory>(_log);
        _services.AddRouter("fake", FakeRouter.ReadingPrompts());
        _services.AddRouter("plain", new FakeRouter(0.7));
    }

    private IServiceProvider Provider => _provider ??= _services.BuildServiceProvider(validateScopes: true);

    public void Dispose() => _provider?.Dispose();

    [Fact]
    public async Task A_change_takes_effect_for_the_next_request()
    {
        IChatClient client = Singleton();
        Assert.Equal(("weak", 0.3), await Ask(client, "0.29"));

        _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
        Assert.Equal(("strong", 0.2), await Ask(client, "0.29"));

        _configuration.Change(("Router", "plain"), ("Threshold", "0.8"), ("WeakModel", "smaller"));
        Assert.Equal(("weak", 0.8), await Ask(client, "0.29"));
        Assert.Equal("smaller", _weak.Calls[^1].Options!.ModelId);
        Assert.Equal(2, _log.Entries.Count(entry => entry is { Level: LogLevel.Information } && entry.Text.Contains("is in effect", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Threshold", "1.5")]
    [InlineData("Threshold", "half")]
    [InlineData("StrongShare", "0.5")]
    [InlineData("Router", "unknown")]
    [InlineData("RouterTimeout", "00:00:00")]
    public async Task A_bad_value_is_refused_and_logged_and_the_old_ones_stay_until_the_next_good_value(string key, string bad)
    {
        IChatClient client = Singleton();

        _configuration.Change([.. new Dictionary<string, string?> { ["Router"] = "fake", ["Threshold"] = "0.1", [key] = bad }.Select(pair => (pair.Key, pair.Value))]);

        Assert.Equal(("weak", 0.3), await Ask(client, "0.29"));
        Assert.Single(_log.Entries, entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal));

        _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
        Assert.Equal(("strong", 0.2), await Ask(client, "0.29"));
    }

    [Fact]
    public async Task A_share_that_the_new_router_cannot_turn_into_a_threshold_is_refused()
    {
        IChatClient client = Singleton();

        _configuration.Change(("Router", "plain"), ("StrongShare", "0.5"));
        Assert.Equal(("weak", 0.3), await Ask(client, "0.29"));

        _configuration.Change(("Router", "fake"), ("StrongShare", "0.5"));
        Assert.Equal(("strong", 0.5), await Ask(client, "0.5"));
    }

    [Fact]
    public async Task A_changed_calibration_is_taken_up_and_a_bad_one_refused_while_the_old_one_stays()
    {
        using var file = new CalibrationFile(TestCalibration.Of(FakeRouter.ReadingPrompts(), 0.4));
        (string, string?)[] values = [("Router", "fake"), ("Calibration", file.Path)];
        _configuration.Change(values);
        IChatClient client = Singleton();
        Assert.Equal(("weak", 0.4), await Ask(client, "0.35"));

        TestCalibration.Of(FakeRouter.ReadingPrompts(), 0.3).Save(file.Path);
        _configuration.Change(values);
        Assert.Equal(("strong", 0.3), await Ask(client, "0.35"));

        File.WriteAllText(file.Path, "torn {");
        _configuration.Change(values);
        Assert.Equal(("strong", 0.3), await Ask(client, "0.35"));

        var other = new FakeRouter((_, _) => new(0.5), metadata: new RouterMetadata("fake", fingerprint: "abc"));
        TestCalibration.Of(other, 0.9).Save(file.Path);
        _configuration.Change(values);
        Assert.Equal(("strong", 0.3), await Ask(client, "0.35"));
        Assert.Equal(2, _log.Entries.Count(entry => entry is { Level: LogLevel.Error } && entry.Text.Contains("refused", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Whoever_reloads_hears_nothing_of_a_bad_value_in_a_host_either()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton<ILoggerFactory>(_log);
        builder.Services.AddRouter("fake", FakeRouter.ReadingPrompts());
        builder.Services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root);
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);

        _configuration.Change(("Router", "fake"), ("Threshold", "2"));

        Assert.Equal(("weak", 0.3), await Ask(host.Services.GetRequiredService<IChatClient>(), "0.29"));
        Assert.Single(_log.Entries, entry => entry.Level == LogLevel.Error);
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_singleton_first_resolved_while_the_configuration_is_bad_has_the_values_the_host_started_with()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddRouter("fake", FakeRouter.ReadingPrompts());
        builder.Services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root);
        using IHost host = builder.Build();
        await host.StartAsync(Cancel);
        _configuration.Change(("Router", "fake"), ("Threshold", "2"));

        IChatClient client = host.Services.GetRequiredService<IChatClient>();

        Assert.Equal(("weak", 0.3), await Ask(client, "0.29"));
        _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
        Assert.Equal(("strong", 0.2), await Ask(client, "0.29"));
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Scoped_clients_made_while_the_configuration_is_bad_have_the_old_values_and_get_the_next_good_ones()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root, ServiceLifetime.Scoped);
        using IServiceScope before = Provider.CreateScope();
        IChatClient first = before.ServiceProvider.GetRequiredService<IChatClient>();

        _configuration.Change(("Router", "fake"), ("Threshold", "2"));
        using IServiceScope during = Provider.CreateScope();
        IChatClient second = during.ServiceProvider.GetRequiredService<IChatClient>();
        Assert.Equal(("weak", 0.3), await Ask(first, "0.29"));
        Assert.Equal(("weak", 0.3), await Ask(second, "0.29"));

        _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
        using IServiceScope after = Provider.CreateScope();
        foreach (IChatClient client in new[] { first, second, after.ServiceProvider.GetRequiredService<IChatClient>() })
        {
            Assert.Equal(("strong", 0.2), await Ask(client, "0.29"));
        }
    }

    [Fact]
    public async Task A_call_in_flight_keeps_the_plan_it_began_with()
    {
        var reached = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        _strong.OnResponse = async (_, _, _) =>
        {
            reached.SetResult();
            await proceed.Task;
            throw new HttpRequestException("down");
        };
        IChatClient client = Singleton();
        Task<ChatResponse> inFlight = client.GetResponseAsync("0.5", cancellationToken: Cancel);
        await reached.Task;

        _configuration.Change(("Router", "plain"), ("Threshold", "0.9"), ("FailOver", "false"), ("WeakModel", "new"));
        proceed.SetResult();
        RouteOutcome outcome = (await inFlight).GetRouteOutcome()!;

        Assert.Equal(("weak", "fake", 0.3), (outcome.Route, outcome.Router, outcome.Threshold));
        Assert.Null(_weak.Calls[0].Options?.ModelId);
        Assert.Equal(("weak", 0.9), await Ask(client, "0.5"));
        Assert.Equal("new", _weak.Calls[1].Options!.ModelId);
    }

    [Fact]
    public async Task A_stream_in_flight_keeps_the_route_it_began_with()
    {
        IChatClient client = Singleton();
        var texts = new List<string>();
        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("0.5", cancellationToken: Cancel))
        {
            texts.Add(update.Text);
            _configuration.Change(("Router", "fake"), ("Threshold", "0.9"));
        }

        Assert.Equal(["from", " strong"], texts);
        Assert.Equal(("weak", 0.9), await Ask(client, "0.5"));
    }

    [Fact]
    public async Task Each_client_follows_its_own_configuration()
    {
        var other = new ReloadableConfiguration(("Router", "fake"), ("Threshold", "0.6"));
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root);
        _services.AddKeyedRoutedChatClient("other", _ => _strong, _ => _weak, other.Root);
        IChatClient unkeyed = Provider.GetRequiredService<IChatClient>(), keyed = Provider.GetRequiredKeyedService<IChatClient>("other");

        other.Change(("Router", "fake"), ("Threshold", "0.7"));

        Assert.Equal(("strong", 0.3), await Ask(unkeyed, "0.5"));
        Assert.Equal(("weak", 0.7), await Ask(keyed, "0.5"));
        Assert.Single(_log.Entries, entry => entry.Text.Contains("'other' changed and is in effect", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_section_is_followed_as_a_whole_configuration_is()
    {
        var configuration = new ReloadableConfiguration(("Chat:Routing:Threshold", "0.3"), ("Chat:Routing:Router", "fake"));
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, configuration.Root.GetSection("Chat:Routing"));
        IChatClient client = Provider.GetRequiredService<IChatClient>();
        Assert.Equal(("strong", 0.3), await Ask(client, "0.5"));

        configuration.Change(("Chat:Routing:Threshold", "0.6"), ("Chat:Routing:Router", "fake"));

        Assert.Equal(("weak", 0.6), await Ask(client, "0.5"));
    }

    [Fact]
    public void A_disposed_client_is_followed_no_longer()
    {
        var model = new CountingModel();
        _services.AddRoutedChatClient(_ => model, _ => model, _configuration.Root, ServiceLifetime.Scoped);
        using (IServiceScope scope = Provider.CreateScope())
        {
            scope.ServiceProvider.GetRequiredService<IChatClient>();
            int asked = model.MetadataAsked;
            _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
            Assert.True(model.MetadataAsked > asked, "A client in use gets a plan for the new values.");
        }

        int after = model.MetadataAsked;
        _configuration.Change(("Router", "fake"), ("Threshold", "0.3"));
        Assert.Equal(after, model.MetadataAsked);
    }

    [Fact]
    public void A_disposed_container_is_no_longer_told_of_changes()
    {
        int configured = 0;
        _services.Configure<TwoModelRoutingOptions>(_ => configured++);
        Singleton();
        Assert.Equal(1, configured);
        _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
        Assert.Equal(2, configured);

        _provider!.Dispose();
        _configuration.Change(("Router", "fake"), ("Threshold", "0.1"));

        Assert.Equal(2, configured);
        Assert.DoesNotContain(_log.Entries, entry => entry.Level == LogLevel.Error);
    }

    [Fact]
    public async Task Any_source_of_changes_to_the_options_is_followed()
    {
        double threshold = 0.3;
        var source = new ReloadableConfiguration();
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, options => (options.Router, options.Threshold) = ("fake", threshold));
        _services.AddSingleton<IOptionsChangeTokenSource<TwoModelRoutingOptions>>(new ConfigurationChangeTokenSource<TwoModelRoutingOptions>(source.Root));
        IChatClient client = Provider.GetRequiredService<IChatClient>();

        threshold = 0.6;
        Assert.Equal(("strong", 0.3), await Ask(client, "0.5"));
        source.Change();
        Assert.Equal(("weak", 0.6), await Ask(client, "0.5"));
    }

    [Fact]
    public async Task A_change_while_the_first_values_are_being_read_is_not_missed()
    {
        bool changed = false;
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root);
        _services.Configure<TwoModelRoutingOptions>(_ =>
        {
            if (!changed)
            {
                changed = true;
                _configuration.Change(("Router", "fake"), ("Threshold", "0.2"));
            }
        });

        Assert.Equal(("strong", 0.2), await Ask(Provider.GetRequiredService<IChatClient>(), "0.29"));
    }

    [Fact]
    public async Task Reloads_and_requests_at_once_never_fail_and_every_answer_has_the_values_of_one_version()
    {
        IChatClient client = Singleton();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        Task reloading = Task.Run(
            () =>
            {
                for (int i = 0; !stop.IsCancellationRequested; i++)
                {
                    string[] version = i % 3 == 0 ? ["fake", "0.3"] : i % 3 == 1 ? ["plain", "0.6"] : ["fake", "bad"];
                    _configuration.Change(("Router", version[0]), ("Threshold", version[1]));
                }
            },
            Cancel);

        for (int i = 0; i < 2000; i++)
        {
            RouteOutcome outcome = (await client.GetResponseAsync("0.5", cancellationToken: Cancel)).GetRouteOutcome()!;
            Assert.Contains((outcome.Router, outcome.Threshold), new (string?, double?)[] { ("fake", 0.3), ("plain", 0.6) });
        }

        await stop.CancelAsync();
        await reloading;
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IChatClient Singleton()
    {
        _services.AddRoutedChatClient(_ => _strong, _ => _weak, _configuration.Root);
        return Provider.GetRequiredService<IChatClient>();
    }

    private static async Task<(string Route, double? Threshold)> Ask(IChatClient client, string prompt)
    {
        RouteOutcome outcome = (await client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!;
        return (outcome.Route, outcome.Threshold);
    }

    /// <summary>Counts how often a plan was made with it, which asks for its metadata.</summary>
    private sealed class CountingModel : IChatClient
    {
        public int MetadataAsked { get; private set; }

        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null)
        {
            MetadataAsked += serviceType == typeof(ChatClientMetadata) ? 1 : 0;
            return null;
        }

        public void Dispose()
        {
        }
    }
}
