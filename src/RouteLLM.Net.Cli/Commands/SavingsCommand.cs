using System.CommandLine;
using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands;

/// <summary>Calculates what routing saves at a strong share.</summary>
internal sealed class SavingsCommand : ToolCommand
{
    private const string Strong = RoutedChatClient.StrongRoute, Weak = RoutedChatClient.WeakRoute;

    private static readonly double[] s_shares = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    private readonly Option<double?> _requests = Numbers.Real("--requests", static value => value > 0 && double.IsFinite(value), "a positive number", "The expected requests a month.");
    private readonly Option<double?> _share = Numbers.Real("--share", static value => value is >= 0 and <= 1, "a share in [0, 1], such as 0.3", "The share of requests for the strong model. [default: a table of all shares]");
    private readonly PriceOptions _prices;
    private readonly JsonOption _json = new();

    public SavingsCommand(Terminal terminal)
        : base("savings", "Calculates what routing saves a month, from prices, tokens and the share of requests for the strong model.", terminal)
    {
        _requests.Required = true;
        Add(_requests);
        _prices = new PriceOptions(this);
        Add(_share);
        Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "savings --requests 1000000 --prices strong=2/8,weak=0.1/0.4 --input-tokens 500 --output-tokens 300 --share 0.3",
        "savings --requests 1000000 --prices strong=2/8/0.5,weak=0.1/0.4/0.025 --input-tokens 2000 --cached-tokens 1500 --output-tokens 300",
    ];

    protected override Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<string, TokenPrice> prices = _prices.Read(result, Strong, Weak);
        if (prices.Count < 2 || _prices.Tokens(result) is not { } tokens)
        {
            throw new UsageException("Give --prices of both models (strong=2/8,weak=0.1/0.4), and --input-tokens and --output-tokens of a typical request.");
        }

        var cost = new TrafficCost(prices[Strong], prices[Weak], tokens, result.GetValue(_requests)!.Value);
        Row[] rows = [.. (result.GetValue(_share) is { } share ? [share] : s_shares).Select(share => new Row(share, cost.At(share), cost.At(1) - cost.At(share), cost.SavingAt(share)))];
        _json.Present(result, Terminal, new Contents(cost.Requests, cost.StrongCost, cost.WeakCost, cost.At(1), cost.At(0), rows), () => Show(rows));
        return Task.FromResult(ExitCodes.Success);
    }

    private void Show(Row[] rows)
    {
        var table = ResultTable.Of("#strong share", "#USD a month", "#saved a month", "#saved");
        foreach (Row row in rows)
        {
            table.Add(Text(row.StrongShare, "p0"), Text(row.UsdAMonth, "n2"), Text(row.SavedUsdAMonth, "n2"), double.IsNaN(row.Saving) ? "-" : Text(row.Saving, "p1"));
        }

        Terminal.Write(table);

        static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
    }

    private sealed record Contents(double RequestsAMonth, double StrongUsdPerRequest, double WeakUsdPerRequest, double StrongOnlyUsdAMonth, double WeakOnlyUsdAMonth, IReadOnlyList<Row> Shares);

    private sealed record Row(double StrongShare, double UsdAMonth, double SavedUsdAMonth, double Saving);
}
