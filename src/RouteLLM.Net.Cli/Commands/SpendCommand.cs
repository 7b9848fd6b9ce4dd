using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Microsoft.Data.Sqlite;
using RouteLLM.Evaluation;
using RouteLLM.Sqlite;

namespace RouteLLM.Cli.Commands;

/// <summary>Tells what was spent, by day, route and tenant.</summary>
internal sealed class SpendCommand : ToolCommand
{
    private const string TenantProperty = "tenant";

    private readonly Option<string?> _ledger = new("--ledger") { Description = "A ledger that an application keeps in SQLite; it may be running.", HelpName = "FILE" };
    private readonly Option<string[]> _log = new("--log") { Description = "Decision logs instead, JSON lines: time, route, tenant, input_tokens, output_tokens, cost.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<DateOnly?> _from = Day("--from", "The first day, in UTC, such as 2026-03-01. [default: the first there is]");
    private readonly Option<DateOnly?> _to = Day("--to", "The last day, in UTC. [default: the last there is]");
    private readonly Option<string[]> _route = new("--route") { Description = "Only these routes.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _tenant = new("--tenant") { Description = "Only these tenants.", HelpName = "NAME", AllowMultipleArgumentsPerToken = true };
    private readonly Option<bool> _skipInvalid = new("--skip-invalid") { Description = "Skip and count log lines that are no decisions, such as a last one cut short, instead of failing." };
    private readonly JsonOption _json = new();

    public SpendCommand(Terminal terminal)
        : base("spend", "Tells what was spent, by day, route and tenant, from a ledger in SQLite or from decision logs.", terminal)
    {
        foreach (Option option in new Option[] { _ledger, _log, _from, _to, _route, _tenant, _skipInvalid, _json })
        {
            Add(option);
        }

        Validators.Add(Validate);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "spend --ledger ledger.db --from 2026-03-01 --to 2026-03-31",
        "spend --ledger ledger.db --tenant acme --json -",
        "spend --log decisions-1.jsonl.gz decisions-2.jsonl",
    ];

    protected override Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        DateOnly from = result.GetValue(_from) ?? DateOnly.MinValue, to = result.GetValue(_to) ?? DateOnly.MaxValue;
        string[] routes = result.GetValue(_route) ?? [], tenants = result.GetValue(_tenant) ?? [];
        IEnumerable<DailySpend> read = result.GetValue(_ledger) is { } ledger ? ReadLedger(ledger, from, to) : ReadLogs(result.GetValue(_log)!, from, to, result.GetValue(_skipInvalid), cancellationToken);
        DailySpend[] rows =
        [
            .. read
                .Where(row => (routes.Length == 0 || routes.Contains(row.Route)) && (tenants.Length == 0 || tenants.Contains(row.Tenant)))
                .OrderBy(static row => row.Day).ThenBy(static row => row.Route, StringComparer.Ordinal).ThenBy(static row => row.Tenant, StringComparer.Ordinal),
        ];
        var contents = new Contents(
            rows.Sum(static row => row.Calls), rows.Sum(static row => row.EstimatedCalls), rows.Sum(static row => row.InputTokens), rows.Sum(static row => row.CachedInputTokens), rows.Sum(static row => row.OutputTokens),
            rows.Sum(static row => row.Cost), rows);
        _json.Present(result, Terminal, contents, () => Show(contents));
        return Task.FromResult(ExitCodes.Success);
    }

    private static Option<DateOnly?> Day(string name, string description) => new(name)
    {
        HelpName = "DAY",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
            {
                return day;
            }

            result.AddError($"{name} is '{text}', but must be a day such as 2026-03-01.");
            return null;
        },
    };

    private static IReadOnlyList<DailySpend> ReadLedger(string path, DateOnly from, DateOnly to)
    {
        InputFile.Check(path);
        try
        {
            return SqliteLedgerStore.ReadDaily(path, from, to);
        }
        catch (SqliteException error)
        {
            throw new ToolException($"The ledger '{path}' cannot be read: {error.Message}", error);
        }
    }

    private DailySpend[] ReadLogs(string[] paths, DateOnly from, DateOnly to, bool skipInvalid, CancellationToken cancellationToken)
    {
        Dictionary<(DateOnly, string, string?), DailySpend> rows = [];
        int invalid = 0, undated = 0;
        foreach (string path in paths)
        {
            using InputFile file = InputFile.Open(path, Terminal);
            foreach (LoggedDecision decision in DecisionLogReader.Read(file.Reader, file.Name, skipInvalid ? _ => invalid++ : null))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (decision is not { Time: { } time, Route: { } route })
                {
                    undated++;
                    continue;
                }

                var day = DateOnly.FromDateTime(time.UtcDateTime);
                if (day < from || day > to)
                {
                    continue;
                }

                string? tenant = decision.Properties.GetValueOrDefault(TenantProperty);
                DailySpend row = rows.GetValueOrDefault((day, route, tenant)) ?? new(day, route, tenant);
                rows[(day, route, tenant)] = row with
                {
                    Calls = row.Calls + 1,
                    InputTokens = row.InputTokens + (decision.InputTokens ?? 0),
                    OutputTokens = row.OutputTokens + (decision.OutputTokens ?? 0),
                    Cost = row.Cost + (decimal)(decision.Cost ?? 0),
                };
            }
        }

        Note(invalid, "lines are no decisions and were skipped.");
        Note(undated, "decisions have no time or no route and were left out.");
        return [.. rows.Values];

        void Note(int count, string what)
        {
            if (count > 0)
            {
                Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{count:n0} {what}"));
            }
        }
    }

    private void Validate(CommandResult result)
    {
        if (result.GetValue(_ledger) is null == (result.GetValue(_log) is null or []))
        {
            result.AddError("Give either --ledger or --log.");
        }

        // What is no day has an error already, and no value.
        if (result.GetResult(_from) is { } from && result.GetResult(_to) is { } to && !from.Errors.Any() && !to.Errors.Any() && result.GetValue(_from) > result.GetValue(_to))
        {
            result.AddError("--from is later than --to.");
        }
    }

    private void Show(Contents contents)
    {
        var table = ResultTable.Of("day", "route", "tenant", "#calls", "#input tokens", "#output tokens", "#USD");
        foreach (DailySpend row in contents.Days)
        {
            table.Add(row.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), row.Route, row.Tenant ?? "-", Text(row.Calls), Text(row.InputTokens), Text(row.OutputTokens), Usd(row.Cost));
        }

        table.Add("all", "", "", Text(contents.Calls), Text(contents.InputTokens), Text(contents.OutputTokens), Usd(contents.Cost));
        Terminal.Write(table);

        static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

        static string Usd(decimal amount) => amount.ToString("0.000000", CultureInfo.InvariantCulture);
    }

    private sealed record Contents(long Calls, long EstimatedCalls, long InputTokens, long CachedInputTokens, long OutputTokens, decimal Cost, IReadOnlyList<DailySpend> Days);
}
