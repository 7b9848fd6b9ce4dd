using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>What a host says when it starts with options that cannot work: which client, what is wrong, what to change.</summary>
public class StartValidationTests
{
    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(null);
    private readonly TestChatClient _model = TestChatClient.Answering("answer");

    [Fact]
    public async Task Valid_options_start()
    {
        Route(options => options.StrongShare = 0.3);

        using IHost host = _builder.Build();
        await host.StartAsync(Cancel);

        Assert.NotNull(host.Services.GetRequiredService<IChatClient>());
        await host.StopAsync(Cancel);
    }

    [Fact]
    public async Task Neither_threshold_nor_share() =>
        await AssertRefused(_ => { }, "Neither Threshold nor StrongShare is set", "set StrongShare");

    [Fact]
    public async Task Both_threshold_and_share() =>
        await AssertRefused(options => (options.Threshold, options.StrongShare) = (0.25, 0.75), "0.25", "0.75", "both set", "exactly one");

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public async Task A_threshold_out_of_range(double value) =>
        await AssertRefused(options => options.Threshold = value, $"Threshold is {value}", "[0, 1]");

    [Theory]
    [InlineData(-0.01)]
    [InlineData(30)]
    [InlineData(double.NaN)]
    public async Task A_share_out_of_range(double value) =>
        await AssertRefused(options => options.StrongShare = value, $"StrongShare is {value}", "[0, 1]");

    [Fact]
    public async Task An_unknown_router_and_the_message_lists_those_there_are()
    {
        _builder.Services.AddRouter("by-length", FakeRouter.ReadingPrompts());

        await AssertRefused(options => (options.Router, options.Threshold) = ("bert", 0.3), "'bert'", "builtin, by-length, mf");
    }

    [Fact]
    public async Task An_empty_router() =>
        await AssertRefused(options => (options.Router, options.Threshold) = ("", 0.3), "Router is empty", "builtin");

    [Fact]
    public async Task A_share_of_a_router_that_has_no_quantiles()
    {
        _builder.Services.AddRouter("plain", new FakeRouter(0.5));

        await AssertRefused(options => (options.Router, options.StrongShare) = ("plain", 0.3), "'plain'", "quantiles", "set Threshold instead");
    }

    [Fact]
    public async Task Clients_that_are_not_registered()
    {
        _builder.Services.AddKeyedChatClient("strong", _model);
        _builder.Services.AddRoutedChatClient(options => options.StrongShare = 0.3);

        OptionsValidationException error = await AssertRefused("\"weak\"", "AddKeyedChatClient(\"weak\"");
        Assert.DoesNotContain("\"strong\"", error.Message);
    }

    [Fact]
    public async Task Every_mistake_is_told_at_once_with_the_key_of_the_client()
    {
        _builder.Services.AddKeyedRoutedChatClient("assistant", options =>
        {
            options.Router = "bert";
            options.Threshold = 2;
            options.RouterTimeout = TimeSpan.Zero;
            options.RouterFallback = (RouterFallback)7;
        });

        OptionsValidationException error = await AssertRefused("'bert'", "Threshold is 2", "RouterTimeout", "RouterFallback", "\"strong\"", "\"weak\"");
        Assert.Equal(6, error.Failures.Count());
        Assert.All(error.Failures, failure => Assert.StartsWith("Routed chat client 'assistant': ", failure, StringComparison.Ordinal));
        Assert.Equal("assistant", error.OptionsName);
    }

    [Fact]
    public async Task One_bad_client_of_several_is_told_from_the_good_ones()
    {
        Route(options => options.StrongShare = 0.3);
        _builder.Services.AddKeyedRoutedChatClient("bad", _ => _model, _ => _model);

        OptionsValidationException error = await AssertRefused("'bad'");
        Assert.Single(error.Failures);
    }

    [Theory]
    [InlineData("Threshold", "half")]
    [InlineData("Threshold", "0,3")]
    [InlineData("StrongShare", "30%")]
    [InlineData("RouterTimeout", "soon")]
    [InlineData("RouterTimeout", "5")]
    [InlineData("RouterFallback", "Medium")]
    [InlineData("FailOver", "yes")]
    [InlineData("IgnoreUnknownModelIds", "1")]
    [InlineData("EnableSensitiveData", "on")]
    [InlineData("PromptSelector", "LastTurns:0")]
    [InlineData("PromptSelector", "Everything")]
    [InlineData("ROUTER_THRESHOLD", "half")]
    public async Task A_configured_value_that_cannot_be_read_is_named_with_its_path(string key, string value)
    {
        _builder.Configuration.AddInMemoryCollection([new($"Chat:Routing:{key}", value)]);
        _builder.Services.AddRoutedChatClient(_ => _model, _ => _model, _builder.Configuration.GetSection("Chat:Routing"));

        using IHost host = _builder.Build();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(Cancel));

        Assert.Contains($"Chat:Routing:{key}", error.Message);
        Assert.Contains($"'{value}'", error.Message);
        Assert.Contains("is expected", error.Message);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private void Route(Action<TwoModelRoutingOptions> configure) => _builder.Services.AddRoutedChatClient(_ => _model, _ => _model, configure);

    private Task<OptionsValidationException> AssertRefused(Action<TwoModelRoutingOptions> configure, params string[] told)
    {
        Route(configure);
        return AssertRefused(told);
    }

    private async Task<OptionsValidationException> AssertRefused(params string[] told)
    {
        using IHost host = _builder.Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Cancel));
        Assert.All(told, text => Assert.Contains(text, error.Message));
        return error;
    }
}
