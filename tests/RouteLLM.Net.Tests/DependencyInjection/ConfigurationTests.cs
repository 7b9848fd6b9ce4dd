using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RouteLLM.Tests.Calibration;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>How options are read from a configuration.</summary>
public class ConfigurationTests
{
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak");

    [Fact]
    public void Every_option_that_text_can_express_is_read_by_its_name()
    {
        TwoModelRoutingOptions options = Read(
            ("Threshold", "0.25"), ("StrongModel", "big"), ("WeakModel", "small"), ("Router", "mine"), ("RouterTimeout", "00:00:02.5"), ("RouterFallback", "weak"),
            ("FailOver", "false"), ("IgnoreUnknownModelIds", "True"), ("EnableSensitiveData", "true"), ("PromptSelector", "wholeconversation"));

        Assert.Equal(0.25, options.Threshold);
        Assert.Null(options.StrongShare);
        Assert.Equal("big", options.StrongModel);
        Assert.Equal("small", options.WeakModel);
        Assert.Equal("mine", options.Router);
        Assert.Equal(TimeSpan.FromSeconds(2.5), options.RouterTimeout);
        Assert.Equal(RouterFallback.Weak, options.RouterFallback);
        Assert.False(options.FailOver);
        Assert.True(options.IgnoreUnknownModelIds);
        Assert.True(options.EnableSensitiveData);
        Assert.Same(PromptSelector.WholeConversation, options.PromptSelector);
        Assert.Equal(0.4, Read(("StrongShare", "0.4")).StrongShare);
    }

    [Fact]
    public void Prices_and_features_of_two_models_have_sections()
    {
        TwoModelRoutingOptions options = Read(
            ("Threshold", "0.25"), ("StrongProfile:Price:Input", "3"), ("StrongProfile:Price:Output", "15"), ("WeakProfile:Tags", "local, eu"), ("Conversations:Affinity", "moveup"), ("AdaptiveThreshold:StrongShare", "0.2"));

        Assert.Equal(new TokenPrice(3, 15), options.StrongProfile.Price);
        Assert.Equal(["local", "eu"], options.WeakProfile.Tags);
        Assert.Equal(ConversationAffinity.MoveUp, options.Conversations!.Affinity);
        Assert.Equal(0.2, options.AdaptiveThreshold!.StrongShare);
    }

    [Fact]
    public void A_calibration_is_named_by_its_file()
    {
        using var file = new CalibrationFile(TestCalibration.Of(new FakeRouter(0.5), 0.25));

        Assert.Equal(0.25, Read(("Calibration", file.Path)).Calibration!.ThresholdFor());

        File.WriteAllText(file.Path, "{}");
        Assert.Contains("Calibration is", Assert.Throws<InvalidOperationException>(() => Read(("Calibration", file.Path))).Message, StringComparison.Ordinal);
        File.Delete(file.Path);
        Assert.IsType<FileNotFoundException>(Assert.Throws<InvalidOperationException>(() => Read(("Calibration", file.Path))).InnerException);
    }

    [Fact]
    public void Flat_environment_keys_are_read()
    {
        TwoModelRoutingOptions options = Read(("STRONG_MODEL", "big"), ("WEAK_MODEL", "small"), ("ROUTER_TYPE", "mf"), ("ROUTER_THRESHOLD", "0.11593"));

        Assert.Equal("big", options.StrongModel);
        Assert.Equal("small", options.WeakModel);
        Assert.Equal("mf", options.Router);
        Assert.Equal(0.11593, options.Threshold);
    }

    [Fact]
    public void Names_of_options_come_before_flat_keys()
    {
        TwoModelRoutingOptions options = Read(
            ("STRONG_MODEL", "flat"), ("WEAK_MODEL", "flat"), ("ROUTER_TYPE", "flat"), ("ROUTER_THRESHOLD", "0.9"),
            ("StrongModel", "named"), ("WeakModel", "named"), ("Router", "named"), ("Threshold", "0.1"));

        Assert.Equal(("named", "named", "named", 0.1), (options.StrongModel, options.WeakModel, options.Router, options.Threshold));
    }

    [Fact]
    public void Last_turns_can_be_configured()
    {
        PromptSelector selector = Read(("PromptSelector", "LastTurns:2")).PromptSelector;

        Assert.Equal("one\ntwo", selector.SelectPrompt([new(ChatRole.User, "zero"), new(ChatRole.User, "one"), new(ChatRole.User, "two")]));
    }

    [Fact]
    public void No_limit_for_the_router_can_be_configured() =>
        Assert.Equal(Timeout.InfiniteTimeSpan, Read(("RouterTimeout", "-00:00:00.001")).RouterTimeout);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Models_and_threshold_reach_the_client_from_a_section_or_flat_keys(bool section)
    {
        IConfiguration configuration = section
            ? new ConfigurationBuilder().AddInMemoryCollection([new("Routing:Threshold", "0.5"), new("Routing:StrongModel", "big"), new("Routing:WeakModel", "small"), new("Routing:Router", "fake")]).Build().GetSection("Routing")
            : new ConfigurationBuilder().AddInMemoryCollection([new("ROUTER_THRESHOLD", "0.5"), new("STRONG_MODEL", "big"), new("WEAK_MODEL", "small"), new("ROUTER_TYPE", "fake")]).Build();
        var services = new ServiceCollection();
        services.AddRouter("fake", FakeRouter.ReadingPrompts());
        services.AddKeyedChatClient("strong", _strong);
        services.AddKeyedChatClient("weak", _weak);
        services.AddRoutedChatClient(configuration);
        services.AddKeyedRoutedChatClient("factories", _ => _strong, _ => _weak, configuration);
        services.AddKeyedRoutedChatClient("keyed", configuration);
        await using ServiceProvider provider = services.BuildServiceProvider();

        foreach (object? key in new[] { null, "factories", "keyed" })
        {
            IChatClient client = provider.GetRequiredKeyedService<IChatClient>(key);
            Assert.Equal("from strong", (await client.GetResponseAsync("0.6", cancellationToken: Cancel)).Text);
            Assert.Equal("from weak", (await client.GetResponseAsync("0.4", cancellationToken: Cancel)).Text);
        }

        Assert.All(_strong.Calls, call => Assert.Equal("big", call.Options!.ModelId));
        Assert.All(_weak.Calls, call => Assert.Equal("small", call.Options!.ModelId));
        Assert.Equal(3, _weak.Calls.Count);
    }

    [Fact]
    public async Task Code_may_complete_a_configuration_through_the_options_of_that_name()
    {
        var services = new ServiceCollection();
        services.AddRoutedChatClient(_ => _strong, _ => _weak, new ConfigurationBuilder().AddInMemoryCollection([new("ROUTER_TYPE", "mf")]).Build());
        services.Configure<TwoModelRoutingOptions>(options => options.Threshold = 0);
        await using ServiceProvider provider = services.BuildServiceProvider();

        RouteOutcome outcome = (await provider.GetRequiredService<IChatClient>().GetResponseAsync("Hello", cancellationToken: Cancel)).GetRouteOutcome()!;
        Assert.Equal(("mf", "strong"), (outcome.Router, outcome.Route));
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public void An_empty_value_is_as_none(string? empty)
    {
        TwoModelRoutingOptions options = Read(
            ("STRONG_MODEL", empty), ("WEAK_MODEL", empty), ("ROUTER_TYPE", empty), ("ROUTER_THRESHOLD", empty), ("StrongModel", empty), ("WeakModel", empty),
            ("Router", empty), ("Threshold", empty), ("StrongShare", empty), ("RouterTimeout", empty), ("FailOver", empty), ("PromptSelector", empty));
        var defaults = new TwoModelRoutingOptions();

        Assert.Null(options.StrongModel);
        Assert.Null(options.WeakModel);
        Assert.Null(options.Threshold);
        Assert.Null(options.StrongShare);
        Assert.Equal(defaults.Router, options.Router);
        Assert.Equal(defaults.RouterTimeout, options.RouterTimeout);
        Assert.Equal(defaults.FailOver, options.FailOver);
        Assert.Same(defaults.PromptSelector, options.PromptSelector);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private TwoModelRoutingOptions Read(params (string Key, string? Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddRoutedChatClient(_ => _strong, _ => _weak, new ReloadableConfiguration(values).Root);

        // Bound, but not validated: what is read is the point here.
        var options = new TwoModelRoutingOptions();
        using ServiceProvider provider = services.BuildServiceProvider();
        foreach (IConfigureOptions<TwoModelRoutingOptions> configure in provider.GetServices<IConfigureOptions<TwoModelRoutingOptions>>())
        {
            configure.Configure(options);
        }

        return options;
    }
}
