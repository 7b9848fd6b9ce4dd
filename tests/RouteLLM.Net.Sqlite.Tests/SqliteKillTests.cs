using System.Diagnostics;
using System.Globalization;

namespace RouteLLM.Sqlite.Tests;

/// <summary>A process that books is killed in the middle of it, as by <c>kill -9</c>, five times in a row on one file.</summary>
public sealed class SqliteKillTests : IDisposable
{
    private const int Kills = 5;
    private const decimal Cost = 0.000125m;

    private readonly SqliteFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_that_was_committed_is_lost_to_a_kill()
    {
        long atLeast = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            atLeast += await WriteAndKillAsync("await", reports: 40 + (17 * kill));
            long kept = ReadWhole();
            Assert.True(kept >= atLeast, $"{atLeast} charges were reported as committed, and {kept} are there.");
            atLeast = kept;
        }
    }

    [Fact]
    public async Task Grouped_commits_lose_the_latest_charges_at_most_and_what_is_left_is_whole()
    {
        long before = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            long reported = await WriteAndKillAsync("grouped", reports: 20_000 + (1_717 * kill));
            long kept = ReadWhole();

            Assert.InRange(kept, before + 1, long.MaxValue);
            TestContext.Current.TestOutputHelper?.WriteLine($"{reported} charges reported, {reported - (kept - before)} of them lost.");
            before = kept;
        }
    }

    /// <summary>Has the program write until it has reported a number of charges, kills it, and gives the last number it reported.</summary>
    private async Task<long> WriteAndKillAsync(string mode, int reports)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "RouteLLM.Net.Sqlite.Writer.dll");
        using Process process = Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, _folder.Ledger, mode])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        long reported = 0;
        while (reported < reports)
        {
            string? line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            if (line is null)
            {
                Assert.Fail(await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            }

            reported = long.Parse(line, CultureInfo.InvariantCulture);
        }

        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            // The last line may be cut short, and a number that is says less, never more.
            reported = long.TryParse(line, CultureInfo.InvariantCulture, out long number) ? Math.Max(reported, number) : reported;
        }

        return reported;
    }

    /// <summary>Checks that balance and days tell the same story, and gives the number of charges in it.</summary>
    private long ReadWhole()
    {
        using var store = new SqliteLedgerStore(_folder.Ledger);
        IReadOnlyList<DailySpend> days = SqliteLedgerStore.ReadDaily(_folder.Ledger, new(2026, 3, 14), new(2026, 3, 14));
        long calls = days.Sum(static row => row.Calls);
        Assert.Equal(calls * Cost, days.Sum(static row => row.Cost));
        Assert.Equal(calls * 3, days.Sum(static row => row.InputTokens));
        LedgerBalance balance = store.ReadBalanceAsync(new("all/month", 24_314, 24_314, DateTimeOffset.MaxValue)).AsTask().GetAwaiter().GetResult();
        Assert.Equal(new LedgerBalance(calls * Cost, 0), balance);
        return calls;
    }
}
