using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RouteLLM.Diagnostics;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>What is left of a log whose process was killed, or ended without disposing of it. The process is this assembly once more, told to run one test.</summary>
public sealed class DecisionLogCrashTests : IDisposable
{
    private const string FolderVariable = "ROUTELLM_TESTS_LOG_FOLDER";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-crash-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_process_that_is_killed_leaves_all_that_was_flushed_and_at_most_one_line_cut_short()
    {
        using Process child = Start(nameof(Child_that_logs_until_it_is_killed));
        long flushed = 0;
        while (flushed < 3_000 && await child.StandardOutput.ReadLineAsync(Cancel) is { } line)
        {
            flushed = line.StartsWith("flushed ", StringComparison.Ordinal) ? long.Parse(line["flushed ".Length..], CultureInfo.InvariantCulture) : flushed;
        }

        // SIGKILL, while it goes on logging.
        child.Kill();
        await child.WaitForExitAsync(Cancel);

        string[] lines = [.. Directory.EnumerateFiles(_folder.FullName).Order(StringComparer.Ordinal).SelectMany(static file => File.ReadAllText(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))];
        string[] whole = [.. lines.Where(IsJson)];
        Assert.True(flushed >= 3_000);
        Assert.InRange(whole.Length, flushed, long.MaxValue);
        Assert.InRange(lines.Length - whole.Length, 0, 1);
        Assert.Equal(Enumerable.Range(0, whole.Length).Select(static i => i.ToString(CultureInfo.InvariantCulture)), whole.Select(static line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("tenant").GetString()));
    }

    [Fact]
    public async Task A_process_that_ends_without_disposing_of_its_log_loses_nothing()
    {
        using Process child = Start(nameof(Child_that_logs_and_ends));
        await child.StandardOutput.ReadToEndAsync(Cancel);
        await child.WaitForExitAsync(Cancel);

        Assert.Equal(5_000, Directory.EnumerateFiles(_folder.FullName).Sum(static file => File.ReadLines(file).Count(IsJson)));
    }

    [Fact(Explicit = true)]
    public async Task Child_that_logs_until_it_is_killed()
    {
        DecisionLog log = ChildsLog();
        await using Stream output = Console.OpenStandardOutput();
        for (int i = 0; ; i++)
        {
            log.OnCompleted(RecordFactory.Make(tenant: i.ToString(CultureInfo.InvariantCulture)));
            if (i % 1_000 == 999)
            {
                await log.FlushAsync(Cancel);
                await output.WriteAsync(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\nflushed {i + 1}\n")), Cancel);
                await output.FlushAsync(Cancel);
            }
        }
    }

    [Fact(Explicit = true)]
    public void Child_that_logs_and_ends()
    {
        DecisionLog log = ChildsLog();
        for (int i = 0; i < 5_000; i++)
        {
            log.OnCompleted(RecordFactory.Make());
        }
    }

    private static DecisionLog ChildsLog() => new(new()
    {
        Path = Path.Combine(Environment.GetEnvironmentVariable(FolderVariable) ?? throw new InvalidOperationException($"This is no test of its own: it is run in a process of its own by the others here, which set {FolderVariable}."), "log.jsonl"),
        MaxFileBytes = 500_000,
    });

    private static bool IsJson(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(line).ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private Process Start(string test)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(DecisionLogCrashTests).Assembly.Location, "-explicit", "only", "-method", $"{typeof(DecisionLogCrashTests).FullName}.{test}", "-noColor"]) { RedirectStandardOutput = true };
        start.Environment[FolderVariable] = _folder.FullName;
        return Process.Start(start)!;
    }
}
