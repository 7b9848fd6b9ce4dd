using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Calibration;

public class RouterCalibrationTests
{
    private static readonly FakeRouter s_router = FakeRouter.ReadingPrompts();

    [Fact]
    public void What_is_saved_is_loaded_and_an_older_file_is_replaced_whole()
    {
        RouterCalibration calibration = TestCalibration.Of(s_router, 0.4, ("a", 0.2), ("b", double.PositiveInfinity)) with
        {
            Router = new CalibratedRouter("r", "0123456789abcdef", "big", "small"),
            Target = CalibrationTarget.ForMonthlyBudget(500, 1_000_000),
            IsSupported = false,
            Table = [new CalibrationPoint(0, 1, 1, 0, 2.5), new CalibrationPoint(double.PositiveInfinity, 0, 0.8, 0.9)],
            Data = [new CalibrationData("rows.jsonl", 12, "aa")],
            Notes = ["näher \"hin\""],
            Rows = 12,
        };
        using var file = new CalibrationFile(TestCalibration.Of(s_router, 0.9));
        calibration.Save(file.Path);
        RouterCalibration loaded = RouterCalibration.Load(file.Path);

        Assert.Equal(calibration.ToJson(), loaded.ToJson());
        Assert.Equal((calibration.Router, calibration.Target, calibration.Chosen, calibration.Created), (loaded.Router, loaded.Target, loaded.Chosen, loaded.Created));
        Assert.Equal(calibration.Table, loaded.Table);
        Assert.Equal(["calibration.json"], file.FileNames);
        Assert.Equal((0.4, 0.4, 0.2, double.PositiveInfinity), (loaded.ThresholdFor(), loaded.ThresholdFor("c"), loaded.ThresholdFor("a"), loaded.ThresholdFor("b")));
        JsonElement json = JsonDocument.Parse(File.ReadAllText(file.Path)).RootElement;
        Assert.Equal(0.4, json.GetProperty("chosen").GetProperty("threshold").GetDouble());
        Assert.Equal("cost", json.GetProperty("target").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"version\": 1")]
    public void What_is_no_calibration_is_refused(string json) =>
        Assert.Contains("calibration", Assert.Throws<InvalidCalibrationException>(() => RouterCalibration.Parse(json)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("\"version\": 1", "\"version\": 2", "version is 2")]
    [InlineData("\"threshold\": 0.4", "\"threshold\": -0.4", "-0.4")]
    [InlineData("\"threshold\": 0.4", "\"threshold\": \"NaN\"", "NaN")]
    [InlineData("\"threshold\": 0.4", "\"threshold\": null", "threshold")]
    [InlineData("\"strong_share\": 0.3", "\"strong_share\": 30", "30")]
    [InlineData("\"name\": \"fake\"", "\"name\": \"\"", "no name")]
    [InlineData("\"name\": \"fake\"", "\"name\": null", "name")]
    [InlineData("\"kind\": \"strong-share\"", "\"kind\": \"quality\"", "quality in (0, 1]")]
    [InlineData("\"kind\": \"strong-share\"", "\"kind\": \"magic\"", "kind")]
    [InlineData("\"groups\": {}", "\"groups\": {\"a\": null}", "'a' is null")]
    public void A_damaged_calibration_is_refused_and_the_message_says_what_is_wrong(string good, string bad, string problem)
    {
        string json = TestCalibration.Of(s_router, 0.4).ToJson();
        Assert.Contains(good, json, StringComparison.Ordinal);

        Assert.Contains(problem, Assert.Throws<InvalidCalibrationException>(() => RouterCalibration.Parse(json.Replace(good, bad, StringComparison.Ordinal))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_known_and_a_byte_order_mark_are_skipped() =>
        Assert.Equal(0.4, RouterCalibration.Parse("\uFEFF" + TestCalibration.Of(s_router, 0.4).ToJson().Replace("\"version\": 1", "\"version\": 1, \"later\": [1]", StringComparison.Ordinal)).ThresholdFor());

    [Theory]
    [InlineData("r", "abc", "big", "small", true)]
    [InlineData("renamed", "abc", "big", "small", true)]
    [InlineData("r", "abd", "big", "small", false)]
    [InlineData("r", null, "big", "small", false)]
    [InlineData("r", "abc", "big", "smaller", false)]
    [InlineData("r", "abc", null, null, false)]
    public void It_is_for_one_artifact_and_pair(string name, string? fingerprint, string? strong, string? weak, bool isFor)
    {
        RouterCalibration calibration = TestCalibration.Of(new FakeRouter((_, _) => new(0.5), metadata: new RouterMetadata("r", "big", "small", "abc")), 0.4);
        var router = new FakeRouter((_, _) => new(0.5), metadata: new RouterMetadata(name, strong, weak, fingerprint));
        var options = new TwoModelRoutingOptions { Calibration = calibration };
        if (isFor)
        {
            calibration.ThrowIfNotFor(router);
            Assert.Equal(0.4, Policy(router, options).Threshold);
            return;
        }

        string message = Assert.Throws<InvalidCalibrationException>(() => calibration.ThrowIfNotFor(router)).Message;
        Assert.Contains("belongs to the router r (big against small; artifact abc)", message, StringComparison.Ordinal);
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => Policy(router, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_artifacts_the_name_decides()
    {
        RouterCalibration calibration = TestCalibration.Of(new RandomRouter(1), 0.4);
        calibration.ThrowIfNotFor(new RandomRouter(2));
        Assert.Throws<InvalidCalibrationException>(() => calibration.ThrowIfNotFor(new PromptLengthRouter()));
    }

    [Fact]
    public void Only_one_of_threshold_share_and_calibration_may_be_set()
    {
        var options = new TwoModelRoutingOptions { Calibration = TestCalibration.Of(s_router, 0.4), StrongShare = 0.3 };
        Assert.Contains("StrongShare (0.3) and Calibration are both set", Assert.Throws<ArgumentException>(() => Policy(s_router, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_of_a_group_are_compared_with_its_threshold()
    {
        var options = new TwoModelRoutingOptions
        {
            Calibration = TestCalibration.Of(s_router, 0.4, ("generous", 0.2), ("never", double.PositiveInfinity)),
            CalibrationGroup = static request => request.Options?.Instructions,
        };
        var weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), weak, s_router, options);

        Assert.Equal(("weak", 0.4), await Ask(new ChatOptions()));
        Assert.Equal(("strong", 0.2), await Ask(new ChatOptions().SetRoutingGroup("generous")));
        Assert.Equal(("weak", 0.4), await Ask(new ChatOptions().SetRoutingGroup("unheard of")));
        Assert.Equal(("strong", 0.2), await Ask(new ChatOptions { Instructions = "generous" }));
        Assert.Equal(("weak", double.PositiveInfinity), await Ask(new ChatOptions { Instructions = "generous" }.SetRoutingGroup("never")));
        Assert.Equal(("strong", 0.1), await Ask(new ChatOptions().SetRoutingGroup("never").SetRoutingThreshold(0.1)));
        Assert.DoesNotContain(weak.Calls, static call => call.Options?.AdditionalProperties?.ContainsKey("routellm.group") == true);

        async Task<(string, double?)> Ask(ChatOptions chatOptions)
        {
            RouteOutcome outcome = (await client.GetResponseAsync("0.3", chatOptions, TestContext.Current.CancellationToken)).GetRouteOutcome()!;
            return (outcome.Route, outcome.Threshold);
        }
    }

    [Fact]
    public async Task A_group_that_cannot_be_found_falls_back_as_a_failing_router_does()
    {
        var options = new TwoModelRoutingOptions { Calibration = TestCalibration.Of(s_router, 0.4, ("a", 0.2)), CalibrationGroup = static _ => throw new TimeoutException("no tenant"), RouterFallback = RouterFallback.Weak };

        RouteDecision decision = await Policy(s_router, options).DecideAsync(new RouteRequest("0.9"), TestContext.Current.CancellationToken);

        Assert.Equal((RouteReasons.RouterFailed, "weak"), (decision.Reason, decision.Routes[0].Name));
        Assert.IsType<TimeoutException>(decision.RouterError);
    }

    [Fact]
    public async Task A_request_for_another_router_brings_its_own_threshold_or_is_refused()
    {
        var other = new FakeRouter((_, _) => new(0.9), metadata: new RouterMetadata("other"));
        var options = new TwoModelRoutingOptions { Calibration = TestCalibration.Of(s_router, 0.4), Routers = new RouterRegistry().Add("other", other) };
        ThresholdPolicy policy = Policy(s_router, options);

        RouteDecision decision = await policy.DecideAsync(new RouteRequest("0.1") { Overrides = new RouteOverrides(Router: "other", Threshold: 0.5) }, TestContext.Current.CancellationToken);
        Assert.Equal("strong", decision.Routes[0].Name);
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(async () => await policy.DecideAsync(new RouteRequest("0.1") { Overrides = new RouteOverrides(Router: "other") }, TestContext.Current.CancellationToken));
        Assert.Contains("asks for the router 'other'", error.Message, StringComparison.Ordinal);
    }

    private static ThresholdPolicy Policy(IRouter router, TwoModelRoutingOptions options) =>
        new(new ModelRoute("strong", TestChatClient.Answering("strong")), new ModelRoute("weak", TestChatClient.Answering("weak")), router, options);
}
