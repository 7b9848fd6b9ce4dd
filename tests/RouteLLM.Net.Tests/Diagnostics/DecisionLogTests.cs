using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CsCheck;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

public sealed class DecisionLogTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-log-");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 14, 23, 59, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_line_says_what_was_decided_and_what_came_of_it()
    {
        RouteRecord record = RecordFactory.Make("what is up?", 0.25, tenant: "acme", cluster: 3, time: new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.FromHours(2)));

        JsonElement line = Assert.Single(await LogAsync([record]));

        Assert.Equal("2026-03-14T13:09:26.0000000Z", line.GetProperty("time").GetString());
        Assert.Equal(("weak", "weak", "threshold", "fake", "acme", "answered", "model"), (Text("route"), Text("chosen"), Text("reason"), Text("router"), Text("tenant"), Text("status"), Text("model")));
        Assert.Equal((0.25, 0.5, 3, 11), (Number("win_probability"), Number("threshold"), Number("cluster"), Number("query_length")));
        Assert.Equal((600_000, 400_000, 1, 1234.5, 100, 1), (Number("input_tokens"), Number("output_tokens"), Number("cost"), Number("latency_ms"), Number("time_to_first_update_ms"), Number("attempts")));
        Assert.False(line.TryGetProperty("prompt", out _));
        Assert.False(line.TryGetProperty("reward", out _));

        string? Text(string name) => line.GetProperty(name).GetString();
        double Number(string name) => line.GetProperty(name).GetDouble();
    }

    [Fact]
    public async Task The_key_of_a_prompt_is_its_hash_and_another_one_with_a_secret()
    {
        string plain = Key(Assert.Single(await LogAsync([RecordFactory.Make("prompt")])));
        string keyed = Key(Assert.Single(await LogAsync([RecordFactory.Make("prompt")], options => options.PromptKeySecret = "secret")));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("prompt"u8))[..32], plain);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData("secret"u8, "prompt"u8))[..32], keyed);

        static string Key(JsonElement line) => line.GetProperty("prompt_key").GetString()!;
    }

    [Fact]
    public async Task Prompts_are_written_only_by_clients_with_sensitive_data_on_and_not_if_the_log_says_no()
    {
        Assert.Equal("a secret", Assert.Single(await LogAsync([RecordFactory.Make("a secret", sensitive: true)])).GetProperty("prompt").GetString());
        Assert.False(Assert.Single(await LogAsync([RecordFactory.Make("a secret", sensitive: true)], options => options.IncludePrompts = false)).TryGetProperty("prompt", out _));
        RouteRecord answered = RecordFactory.Make("a secret", response: new ChatResponse(new ChatMessage(ChatRole.Assistant, "a secret")));
        Assert.DoesNotContain("a secret", Assert.Single(await LogAsync([answered])).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_text_a_request_has_its_line_is_one_line_of_json()
    {
        // Any UTF-16 units, halves of surrogate pairs, quotes and line ends too.
        Gen.Select(Gen.String, Gen.String, Gen.Double).Sample(
            (prompt, tenant, cost) =>
            {
                using var writer = new DecisionLineWriter(promptKeySecret: null);
                writer.Add(new DecisionLogEntry(RecordFactory.Make(prompt, tenant: tenant, sensitive: true), new()) { Reward = cost });
                string line = Encoding.UTF8.GetString(writer.Lines.Span);
                Assert.EndsWith("}\n", line, StringComparison.Ordinal);
                Assert.Equal(1, line.Count(static c => c == '\n'));
                JsonElement json = JsonSerializer.Deserialize<JsonElement>(line);
                Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(prompt)), json.GetProperty("prompt").GetString());
            },
            iter: 500);
    }

    [Fact]
    public async Task A_client_logs_every_way_a_request_can_end()
    {
        await using (DecisionLog log = Log())
        {
            var options = new TwoModelRoutingOptions { Threshold = 0.5 };
            options.Observers.Add(log);
            using var client = new RoutedChatClient(TestChatClient.Failing(new HttpRequestException("down")), TestChatClient.Answering("one two"), FakeRouter.ReadingPrompts(), options);
            await client.GetResponseAsync("0.9", cancellationToken: Cancel);
            await client.GetStreamingResponseAsync("0.1", cancellationToken: Cancel).ToChatResponseAsync(Cancel);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetResponseAsync("0.9", new() { ModelId = "strong" }, Cancel));
            await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("0.1", cancellationToken: Cancel))
            {
                break;
            }
        }

        JsonElement[] lines = Read();
        Assert.Equal(["answered", "answered", "failed", "cancelled"], lines.Select(static line => line.GetProperty("status").GetString()));
        Assert.Equal(["weak", "weak", "strong", "weak"], lines.Select(static line => line.GetProperty("route").GetString()));
        Assert.Equal(("strong", 2), (lines[0].GetProperty("chosen").GetString(), lines[0].GetProperty("attempts").GetInt32()));
        Assert.Equal(["strong", "weak"], lines[0].GetProperty("attempted").EnumerateArray().Select(static attempt => attempt.GetProperty("route").GetString()));
        Assert.Equal(typeof(HttpRequestException).FullName, lines[2].GetProperty("error").GetString());
        Assert.All(lines, static line => Assert.DoesNotContain("down", line.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task Everything_that_many_callers_log_is_written_on_disposal_and_no_line_twice()
    {
        const int Callers = 8, Each = 2_000;
        DecisionLog log = Log(options => (options.Capacity, options.MaxFileBytes) = (Callers * Each, 500_000));
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            () =>
            {
                for (int i = 0; i < Each; i++)
                {
                    log.OnCompleted(RecordFactory.Make(tenant: string.Create(CultureInfo.InvariantCulture, $"{caller}-{i}")));
                }
            },
            Cancel)));

        await log.DisposeAsync();

        string[] tenants = [.. Read().Select(static line => line.GetProperty("tenant").GetString()!)];
        Assert.Equal((Callers * Each, 0L), (log.WrittenCount, log.DroppedCount));
        Assert.Equal(Callers * Each, tenants.Distinct().Count());
        Assert.Equal(Callers * Each, tenants.Length);
        Assert.True(Files().Length > 1);
        Assert.All(Files(), static file => Assert.InRange(new FileInfo(file).Length, 1, 500_000));

        // And each caller's are in its own order.
        Assert.All(tenants.GroupBy(static tenant => tenant.Split('-')[0]), static own =>
            Assert.Equal(Enumerable.Range(0, Each), own.Select(static tenant => int.Parse(tenant.Split('-')[1], CultureInfo.InvariantCulture))));
    }

    [Fact]
    public async Task What_was_flushed_is_in_the_file_before_the_log_is_disposed_of()
    {
        await using DecisionLog log = Log();
        for (int i = 0; i < 100; i++)
        {
            log.OnCompleted(RecordFactory.Make());
        }

        await log.FlushAsync(Cancel);

        Assert.Equal(100, Read().Length);
    }

    [Fact]
    public async Task A_new_file_is_begun_each_day_at_the_size_and_when_a_log_starts()
    {
        await using (DecisionLog log = Log(options => options.MaxFileBytes = 900))
        {
            await WriteAsync(log, 3);
            _time.Advance(TimeSpan.FromMinutes(2));
            await WriteAsync(log, 1);
        }

        await using (DecisionLog log = Log())
        {
            await WriteAsync(log, 1);
        }

        Assert.Equal(
            ["decisions-20260314-001.jsonl", "decisions-20260314-002.jsonl", "decisions-20260315-001.jsonl", "decisions-20260315-002.jsonl"],
            Files().Select(static file => Path.GetFileName(file)));
        Assert.Equal(5, Read().Length);
    }

    [Fact]
    public async Task Only_the_newest_files_are_kept_if_one_says_how_many()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "decisions-notes.jsonl"), "mine");
        await using (DecisionLog log = Log(options => (options.MaxFileBytes, options.RetainedFiles) = (1, 2)))
        {
            await WriteAsync(log, 5);
        }

        Assert.Equal(["decisions-20260314-004.jsonl", "decisions-20260314-005.jsonl", "decisions-notes.jsonl"], Files().Select(static file => Path.GetFileName(file)));
    }

    [Fact]
    public async Task A_log_that_cannot_be_written_blocks_no_one_counts_what_it_loses_and_heals()
    {
        using var metrics = new MetricRecorder();
        var logger = new ListLogger();
        string folder = Path.Combine(_folder.FullName, "logs");
        File.WriteAllText(folder, "a file where the folder should be");
        await using var log = new DecisionLog(new() { Path = Path.Combine(folder, "decisions.jsonl"), Capacity = 10 }, logger, metrics.MeterFactory, _time);
        log.OnCompleted(RecordFactory.Make());
        await UntilAsync(() => logger.Entries.Count == 1);
        for (int i = 0; i < 20; i++)
        {
            log.OnCompleted(RecordFactory.Make());
        }

        Assert.Equal((10L, 0L), (log.DroppedCount, log.WrittenCount));
        Assert.Equal(10, metrics.Of(RoutingTelemetryNames.LogDropped).Sum(static measured => measured.Value));
        File.Delete(folder);
        Task flushed = log.FlushAsync(Cancel);
        while (!flushed.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(11, log.WrittenCount);
        Assert.Equal(11, metrics.Of(RoutingTelemetryNames.LogWritten).Sum(static measured => measured.Value));
        Assert.Equal([LogLevel.Error, LogLevel.Warning, LogLevel.Information], logger.Entries.Select(static entry => entry.Level));
        Assert.Equal(11, Directory.EnumerateFiles(folder).Sum(static file => File.ReadAllLines(file).Length));
    }

    [Fact]
    public async Task A_log_that_can_never_be_written_is_still_disposed_of()
    {
        string folder = Path.Combine(_folder.FullName, "logs");
        File.WriteAllText(folder, "a file where the folder should be");
        var log = new DecisionLog(new() { Path = Path.Combine(folder, "decisions.jsonl"), Capacity = 10 }, timeProvider: _time);
        for (int i = 0; i < 5; i++)
        {
            log.OnCompleted(RecordFactory.Make());
        }

        await log.DisposeAsync();
        log.Dispose();
        log.OnCompleted(RecordFactory.Make());

        Assert.Equal((6L, 0L), (log.DroppedCount, log.WrittenCount));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => log.FlushAsync(Cancel));
    }

    [Fact]
    public async Task A_line_waits_for_its_reward_and_others_do_not_wait_for_it()
    {
        DecisionLog log = Log();
        var verdict = new TaskCompletionSource<double?>();
        var never = new TaskCompletionSource<double?>();
        RouteRecord judged = RecordFactory.Make(tenant: "judged"), pending = RecordFactory.Make(tenant: "pending"), failed = RecordFactory.Make(tenant: "failed");
        judged.Reward = verdict.Task;
        pending.Reward = never.Task;
        failed.Reward = Task.FromException<double?>(new FormatException());
        log.OnCompleted(judged);
        log.OnCompleted(pending);
        log.OnCompleted(failed);
        log.OnCompleted(RecordFactory.Make(tenant: "plain"));
        await log.FlushAsync(Cancel);
        Assert.Equal(["failed", "plain"], Tenants());

        verdict.SetResult(0.75);
        await log.FlushAsync(Cancel);
        Assert.Equal(["failed", "plain", "judged"], Tenants());

        await log.DisposeAsync();
        Assert.Equal(["failed", "plain", "judged", "pending"], Tenants());
        Assert.Equal([null, null, 0.75, null], Read().Select(static line => line.TryGetProperty("reward", out JsonElement reward) ? reward.GetDouble() : (double?)null));

        IEnumerable<string?> Tenants() => Read().Select(static line => line.GetProperty("tenant").GetString());
    }

    [Fact]
    public void Wrong_options_are_refused_with_what_to_change()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new DecisionLog(new() { Path = "logs/", MaxFileBytes = 0, RetainedFiles = 0, Capacity = 0, RetryDelay = TimeSpan.Zero }));

        Assert.All(["Path is 'logs/'", "MaxFileBytes is 0", "RetainedFiles is 0", "Capacity is 0", "RetryDelay is 00:00:00"], part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    private static async Task WriteAsync(DecisionLog log, int count)
    {
        for (int i = 0; i < count; i++)
        {
            log.OnCompleted(RecordFactory.Make());
            await log.FlushAsync(Cancel);
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private async Task<JsonElement[]> LogAsync(RouteRecord[] records, Action<DecisionLogOptions>? configure = null)
    {
        Array.ForEach(Files(), File.Delete);
        await using (DecisionLog log = Log(configure))
        {
            Array.ForEach(records, log.OnCompleted);
        }

        return Read();
    }

    private DecisionLog Log(Action<DecisionLogOptions>? configure = null)
    {
        var options = new DecisionLogOptions { Path = Path.Combine(_folder.FullName, "decisions.jsonl") };
        configure?.Invoke(options);
        return new DecisionLog(options, timeProvider: _time);
    }

    private string[] Files() => [.. Directory.EnumerateFiles(_folder.FullName).Order(StringComparer.Ordinal)];

    private JsonElement[] Read() => [.. Files().SelectMany(static file => File.ReadAllLines(file)).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];
}
