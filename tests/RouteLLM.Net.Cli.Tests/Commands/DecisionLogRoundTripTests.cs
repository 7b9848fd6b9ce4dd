using System.Text.Json;
using Microsoft.Extensions.AI;
using RouteLLM.Diagnostics;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Tests.Commands;

/// <summary>What the core logs is what the evaluation package reads and the tool replays.</summary>
public class DecisionLogRoundTripTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_reader_reads_every_field_of_a_line_that_the_log_wrote()
    {
        using var folder = new TemporaryFolder();
        var verdict = Task.FromResult<double?>(0.75);
        RouteRecord? told = null;
        string[] files = await LogAsync(folder, static _ => { }, ["0.9 prove it"], new DelegateObserver(record =>
        {
            record.Reward = verdict;
            told = record;
        }), sensitive: true);

        LoggedDecision decision = Assert.Single(DecisionLogReader.ReadFiles(files));

        Assert.Equal(("strong", 0.9, 0.5, "0.9 prove it", 12L), (decision.Route, decision.WinProbability!.Value, decision.Threshold!.Value, decision.Prompt, decision.QueryLength!.Value));
        Assert.Equal((1_000L, 500L, 0.0075, 0.75), (decision.InputTokens!.Value, decision.OutputTokens!.Value, decision.Cost!.Value, decision.Reward!.Value));
        Assert.Equal(told!.Time, decision.Time);
        Assert.Equal(told.Duration.TotalMilliseconds, decision.Latency!.Value, 3);
        Assert.Equal(
            ("acme", "answered", "threshold", "delegate", "1", "gpt"),
            (decision.Properties["tenant"], decision.Properties["status"], decision.Properties["reason"], decision.Properties["router"], decision.Properties["attempts"], decision.Properties["model"]));
        Assert.Equal(32, decision.Properties["prompt_key"].Length);
    }

    [Fact]
    public async Task The_tool_replays_a_log_under_other_thresholds()
    {
        using var folder = new TemporaryFolder();
        string[] prompts = ["0.9", "0.6", "0.55", "0.4", "0.3", "0.2", "0.2", "0.1"];
        string[] files = await LogAsync(folder, static options => options.MaxFileBytes = 1_000, prompts);
        Assert.True(files.Length > 1);

        ToolResult result = await Tool.RunAsync(["simulate", "--log", .. files, "--threshold", "0.5", "0.7", "--json", "-"]);

        Assert.Equal(0, result.ExitCode);
        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(result.Output);
        JsonElement[] points = [.. contents.GetProperty("points").EnumerateArray()];
        Assert.Equal((8, 8, 0), (contents.GetProperty("requests").GetInt32(), contents.GetProperty("logged").GetInt32(), contents.GetProperty("unscored").GetInt32()));
        Assert.Equal([0.375, 0.125], points.Select(static point => point.GetProperty("strong_share").GetDouble()));
        Assert.Equal([0, 2], points.Select(static point => point.GetProperty("moved_to_weak").GetInt32()));

        // 1,000 tokens in and 500 out: 0.0075 USD on the strong route, 0.00045 on the weak one.
        Assert.Equal(((3 * 0.0075) + (5 * 0.00045)) / 8, contents.GetProperty("as_logged").GetProperty("cost").GetProperty("mean").GetDouble(), 12);
    }

    private static async Task<string[]> LogAsync(TemporaryFolder folder, Action<DecisionLogOptions> configure, string[] prompts, IRoutingObserver? observer = null, bool sensitive = false)
    {
        var logOptions = new DecisionLogOptions { Path = folder["decisions.jsonl"] };
        configure(logOptions);
        await using (var log = new DecisionLog(logOptions))
        {
            var options = new TwoModelRoutingOptions
            {
                Threshold = 0.5,
                EnableSensitiveData = sensitive,
                Tenant = static (_, _) => "acme",
                StrongProfile = new() { Price = new TokenPrice(2.5m, 10) },
                WeakProfile = new() { Price = new TokenPrice(0.15m, 0.6m) },
            };
            options.Observers.Add(log);
            if (observer is not null)
            {
                options.Observers.Add(observer);
            }

            var router = new DelegateRouter(static prompt => double.Parse(prompt.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
            using var client = new RoutedChatClient(new AnsweringClient(), new AnsweringClient(), router, options);
            foreach (string prompt in prompts)
            {
                await client.GetResponseAsync(prompt, cancellationToken: Cancel);
                await log.FlushAsync(Cancel);
            }
        }

        return [.. folder.FileNames.Select(name => folder[name])];
    }

    private sealed class DelegateObserver(Action<RouteRecord> tell) : IRoutingObserver
    {
        public void OnCompleted(RouteRecord record) => tell(record);
    }

    private sealed class AnsweringClient : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "yes")) { ModelId = "gpt", Usage = new() { InputTokenCount = 1_000, OutputTokenCount = 500 } });

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
