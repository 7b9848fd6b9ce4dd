using System.Text.Json;
using RouteLLM.Sqlite;

namespace RouteLLM.Cli.Tests.Commands;

public class SpendCommandTests
{
    private const string Log = """
        {"time":"2026-03-14T23:59:00Z","route":"strong","tenant":"acme","input_tokens":100,"output_tokens":900,"cost":0.01}
        {"time":"2026-03-14T12:00:00+02:00","route":"weak","input_tokens":10,"output_tokens":20,"cost":0.0000003}
        {"time":"2026-03-15T00:30:00+01:00","route":"strong","tenant":"acme","input_tokens":100,"output_tokens":900,"cost":0.02}
        {"time":"2026-03-15T00:30:00Z","route":"strong","tenant":"acme"}
        {"route":"strong","cost":1}

        """;

    [Fact]
    public async Task A_ledger_that_is_in_use_is_told_by_day_route_and_tenant()
    {
        using var folder = new TemporaryFolder();
        await using var store = new SqliteLedgerStore(folder["ledger.db"], new() { AwaitCommit = true });
        await BookAsync(store, 14, "strong", "acme", 0.01m);
        await BookAsync(store, 14, "strong", "acme", 0.02m);
        await BookAsync(store, 15, "weak", null, 0.0000001m);

        ToolResult result = await Tool.RunAsync("spend", "--ledger", folder["ledger.db"]);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            [
                "day\troute\ttenant\tcalls\tinput tokens\toutput tokens\tUSD",
                "2026-03-14\tstrong\tacme\t2\t200\t1800\t0.030000",
                "2026-03-15\tweak\t-\t1\t100\t900\t0.000000",
                "all\t\t\t3\t300\t2700\t0.030000",
            ],
            result.Lines.Where(static line => line.Length > 0));
    }

    [Fact]
    public async Task Days_routes_and_tenants_can_be_picked_and_amounts_stay_exact_in_JSON()
    {
        using var folder = new TemporaryFolder();
        await using var store = new SqliteLedgerStore(folder["ledger.db"], new() { AwaitCommit = true });
        foreach ((int day, string route, string? tenant) in ((int, string, string?)[])[(13, "weak", "acme"), (14, "weak", "acme"), (14, "strong", "acme"), (14, "weak", "other"), (14, "weak", null), (15, "weak", "acme")])
        {
            await BookAsync(store, day, route, tenant, 0.1000000000001m);
        }

        ToolResult result = await Tool.RunAsync("spend", "--ledger", folder["ledger.db"], "--from", "2026-03-14", "--to", "2026-03-14", "--route", "weak", "--tenant", "acme", "--json", "-");

        JsonElement contents = JsonSerializer.Deserialize<JsonElement>(result.Output);
        Assert.Equal((1, 0.1000000000001m), (contents.GetProperty("calls").GetInt32(), contents.GetProperty("cost").GetDecimal()));
        JsonElement day14 = Assert.Single(contents.GetProperty("days").EnumerateArray());
        Assert.Equal(("2026-03-14", "weak", "acme"), (day14.GetProperty("day").GetString(), day14.GetProperty("route").GetString(), day14.GetProperty("tenant").GetString()));
    }

    [Fact]
    public async Task Decision_logs_tell_the_same_by_days_in_UTC()
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync("spend", "--log", folder.WritePacked("log.jsonl.gz", Log));

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(
            [
                "2026-03-14\tstrong\tacme\t2\t200\t1800\t0.030000",
                "2026-03-14\tweak\t-\t1\t10\t20\t0.000000",
                "2026-03-15\tstrong\tacme\t1\t0\t0\t0.000000",
                "all\t\t\t4\t210\t1820\t0.030000",
            ],
            result.Lines.Skip(1).Where(static line => line.Length > 0));
        Assert.Contains("1 decisions have no time or no route", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_line_cut_short_fails_or_is_counted_as_asked()
    {
        using var folder = new TemporaryFolder();
        string log = folder.Write("log.jsonl", Log + "{\"time\":\"2026-");

        Assert.Equal(1, (await Tool.RunAsync("spend", "--log", log)).ExitCode);
        ToolResult skipped = await Tool.RunAsync("spend", "--log", log, "--skip-invalid");
        Assert.Equal(0, skipped.ExitCode);
        Assert.Contains("1 lines are no decisions", skipped.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_ledger_and_what_is_not_asked_rightly_is_said_in_words()
    {
        using var folder = new TemporaryFolder();
        ToolResult missing = await Tool.RunAsync("spend", "--ledger", folder["none.db"]);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("There is no file", missing.Error, StringComparison.Ordinal);
        ToolResult text = await Tool.RunAsync("spend", "--ledger", folder.Write("text.db", new string('x', 4096)));
        Assert.Equal(1, text.ExitCode);
        Assert.Contains("cannot be read", text.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await Tool.RunAsync("spend")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync("spend", "--ledger", "a", "--log", "b")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync("spend", "--ledger", "a", "--from", "March")).ExitCode);
        Assert.Equal(2, (await Tool.RunAsync("spend", "--ledger", "a", "--from", "2026-03-02", "--to", "2026-03-01")).ExitCode);
    }

    private static async Task BookAsync(SqliteLedgerStore store, int day, string route, string? tenant, decimal cost) =>
        await store.SettleAsync(
            new() { Id = Guid.NewGuid(), IsReserved = false, Time = new(2026, 3, day, 12, 0, 0, TimeSpan.Zero), Route = route, Tenant = tenant, Cost = cost, Calls = 1, InputTokens = 100, OutputTokens = 900 },
            TestContext.Current.CancellationToken);
}
