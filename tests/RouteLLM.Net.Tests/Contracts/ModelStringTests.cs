using System.Globalization;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Contracts;

/// <summary>Model strings as callers write them: a router and a threshold, a route, or an error that says so; never anything for a provider.</summary>
public class ModelStringTests
{
    private static readonly RouterRegistry s_routers = new RouterRegistry().Add("my-own-router", new FakeRouter(0.5)).Add("sw_ranking", new FakeRouter(0.5)).Add("bert", new FakeRouter(0.5)).Add("mf", new FakeRouter(0.5));

    /// <summary>Router names as applications choose them, hyphens and digits and all.</summary>
    private static readonly Gen<string> s_name = Gen.String[Gen.Char["abzAZ09_-. 漢🙂\""], 1, 20];

    /// <summary>All thresholds there are, also the smallest and those that differ in the last bit.</summary>
    private static readonly Gen<double> s_threshold = Gen.OneOf(
        Gen.Double[0, 1],
        Gen.Long[0, BitConverter.DoubleToInt64Bits(1)].Select(BitConverter.Int64BitsToDouble),
        OneOf<double>(0, 1, double.Epsilon, 1e-5, 9.999e-6, 1.2345e-28, 0.1 + 0.2, Math.BitDecrement(1), 0.11593, 1 / 3.0));

    [Fact]
    public void Every_name_and_every_threshold_is_read_back_to_the_last_bit() =>
        Gen.Select(s_name, s_threshold).Sample((name, threshold) =>
        {
            var id = new RouterModelId(name, threshold);
            Assert.True(RouterModelId.TryParse(id.ToString(), out RouterModelId read), id.ToString());
            Assert.Equal(name, read.Router);
            Assert.Equal(BitConverter.DoubleToInt64Bits(threshold), BitConverter.DoubleToInt64Bits(read.Threshold));
        });

    [Fact]
    public void A_model_string_is_written_the_same_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal("router-mf-0.11593", new RouterModelId("mf", 0.11593).ToString());
            Assert.True(RouterModelId.TryParse("router-mf-0.11593", out RouterModelId read));
            Assert.Equal(0.11593, read.Threshold);
            Assert.False(RouterModelId.TryParse("router-mf-0,11593", out _));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData(double.NaN, "router-mf-NaN")]
    [InlineData(double.PositiveInfinity, "router-mf-Infinity")]
    [InlineData(1e300, "router-mf-1E+300")]
    [InlineData(-0.25, "router-mf--0.25")]
    [InlineData(-0.0, "router-mf-0")]
    [InlineData(1e-7, "router-mf-0.0000001")]
    [InlineData(1.25e-5, "router-mf-0.0000125")]
    [InlineData(1, "router-mf-1")]
    public void Any_number_can_be_written_if_only_in_a_message(double threshold, string text) => Assert.Equal(text, new RouterModelId("mf", threshold).ToString());

    [Theory]
    [InlineData("router-mf-0.5\0")]
    [InlineData("router-mf-0.5\0\0\0")]
    [InlineData("router-mf-0.5\n")]
    [InlineData("router-mf-0.5 ")]
    [InlineData("router-mf-\u00A00.5")]
    [InlineData("router-mf-0.5.0")]
    [InlineData("router-mf-.")]
    [InlineData("router-mf-+0.5")]
    [InlineData("router-mf-0x1")]
    [InlineData("router-mf-1_0")]
    [InlineData("router-mf-1e1")]
    [InlineData("router-mf-0.5f")]
    [InlineData("router-mf-NaN")]
    [InlineData("router-mf-Infinity")]
    [InlineData("router-mf-∞")]
    [InlineData("router-mf-٠.٥")]
    [InlineData("router-mf-０.５")]
    [InlineData("router-mf-0．5")]
    [InlineData("router-mf-½")]
    [InlineData("router-mf-1.0000000000000002")]
    [InlineData("router-mf-99999999999999999999999999999999999999999999")]
    [InlineData("router-0.5")]
    [InlineData("router--0.5")]
    [InlineData("ROUTER-mf-0.5")]
    [InlineData(" router-mf-0.5")]
    public void Only_plain_decimals_are_thresholds(string modelId) => Assert.False(RouterModelId.TryParse(modelId, out _));

    [Fact]
    public async Task Any_string_at_all_is_a_pin_a_router_or_an_error_that_says_what_there_is_and_never_reaches_a_provider()
    {
        Gen<string> anything = Gen.OneOf(
            Gen.String,
            Gen.String.Select(text => $"router-{text}"),
            Gen.Select(OneOf("mf", "bert", "my-own-router", "nobody", "", "MF"), Gen.OneOf(Gen.String[0, 6], s_threshold.Select(t => new RouterModelId("x", t).ToString()[9..]))).Select((name, end) => $"router-{name}-{end}"),
            OneOf("strong", "weak", "big", "small", "Strong", "strong ", "big\0", "router", "router-", "router--", "gpt-4", "　", "\0", "\uD800", "routerX-mf-0.5"));

        await anything.SampleAsync(async modelId =>
        {
            TestChatClient strong = TestChatClient.Answering("strong", "big"), weak = TestChatClient.Answering("weak", "small");
            using var client = new RoutedChatClient(strong, weak, new FakeRouter(0.5), new() { Threshold = 0.25, Routers = s_routers });
            foreach (bool streaming in new[] { false, true })
            {
                try
                {
                    RouteOutcome outcome = (await client.AskAsync("hi", streaming, new() { ModelId = modelId }, CancellationToken.None)).GetRouteOutcome()!;
                    if (outcome.Reason == RouteReasons.Pinned)
                    {
                        Assert.Equal(modelId is "strong" or "big" ? "strong" : modelId is "weak" or "small" ? "weak" : null, outcome.Route);
                    }
                    else if (modelId.Length > 0)
                    {
                        Assert.True(RouterModelId.TryParse(modelId, out RouterModelId id));
                        Assert.Equal((id.Router, id.Threshold), (outcome.Router, outcome.Threshold));
                        Assert.Contains(id.Router, s_routers.Names);
                    }
                }
                catch (ArgumentException error)
                {
                    Assert.All([$"'{modelId}'", "router-NAME-THRESHOLD", "my-own-router", "sw_ranking", "bert", "mf", "builtin", "strong (big)", "weak (small)"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
                    Assert.Empty(strong.Calls.Concat(weak.Calls));
                }
            }

            Assert.All(strong.Calls.Concat(weak.Calls), call => Assert.Null(call.Options!.ModelId));
        }, iter: 2000, threads: 1);
    }

    /// <summary>What RouteLLM reads and this library refuses, deliberately.</summary>
    private static readonly Dictionary<string, string> s_stricter = new()
    {
        ["router-mf-1e-1"] = "thresholds are plain decimals without an exponent",
        ["router-mf- 0.5 "] = "and without blanks",
        ["router-mf-\uFF10.\uFF15"] = "and of the digits 0 to 9",
        ["routerX-mf-0.5"] = "what begins with 'routerX' may be a model of somebody's",
    };

    /// <summary>What RouteLLM refuses and this library reads, deliberately.</summary>
    private static readonly Dictionary<string, string> s_laxer = new()
    {
        [""] = "no model id at all, as for any client of Microsoft.Extensions.AI: the request is routed as usual",
    };

    [Fact]
    public async Task A_client_reads_and_refuses_what_the_reference_does_but_for_what_is_listed()
    {
        TestChatClient model = TestChatClient.Answering("x");
        using var client = new RoutedChatClient(model, TestChatClient.Answering("y"), new FakeRouter(0.5), new() { Threshold = 0.25, Routers = s_routers });
        var seen = new List<string>();
        foreach (JsonElement entry in JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "golden", "parse.json"))).RootElement.EnumerateArray())
        {
            string modelId = entry.GetProperty("model").GetString()!;
            seen.Add(modelId);
            bool accepts = s_laxer.ContainsKey(modelId) || (entry.TryGetProperty("value", out _) && !s_stricter.ContainsKey(modelId));
            Task<ChatResponse> call = client.AskAsync("hi", streaming: false, new() { ModelId = modelId });
            if (!accepts)
            {
                Assert.Contains($"'{modelId}'", (await Assert.ThrowsAsync<ArgumentException>(() => call)).Message);
                continue;
            }

            RouteOutcome outcome = (await call).GetRouteOutcome()!;
            if (entry.TryGetProperty("value", out JsonElement value))
            {
                Assert.Equal((value.GetProperty("router").GetString(), value.GetProperty("threshold").GetDouble()), (outcome.Router, outcome.Threshold));
            }
        }

        Assert.All(s_stricter.Keys.Concat(s_laxer.Keys), modelId => Assert.Contains(modelId, seen));
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
