using System.CommandLine;
using System.Globalization;

namespace RouteLLM.Cli.Commands;

/// <summary>Decides about prompts as an application would, and shows the decisions. No model is called.</summary>
internal sealed class RouteCommand : ToolCommand
{
    private const double DefaultShare = 0.5;
    private const int ExcerptLength = 60;
    private const string StrongRoute = "strong";

    private readonly PromptInput _prompts;
    private readonly RouterOptions _router;
    private readonly Option<double?> _threshold = Numbers.Fraction("--threshold", "T", "The threshold: strong when the win probability is at least that.");
    private readonly Option<double?> _share = Numbers.Fraction("--strong-share", "S", "The share of prompts like those that the router was calibrated on which should go to the strong model, instead of a threshold. [default: 0.5]");
    private readonly JsonOption _json = new();

    public RouteCommand(Terminal terminal)
        : base("route", "Shows where prompts would go: the route, the win probability, the threshold and the reason. No model is called.", terminal)
    {
        _prompts = new PromptInput(this, terminal);
        _router = new RouterOptions(this);
        Add(_threshold);
        Add(_share);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetResult(_threshold) is not null && result.GetResult(_share) is not null)
            {
                result.AddError("Give either --threshold or --strong-share, not both.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "route \"thanks!\" \"Prove that there are infinitely many primes of the form 4k + 3.\"",
        "route --strong-share 0.2 --prompts prompts.txt",
        "route --router my-router.safetensors --threshold 0.35 --json - - < prompts.txt",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        IRouter router = _router.Load(result, Terminal);
        ThresholdPolicy policy = CreatePolicy(router, result.GetValue(_threshold), result.GetValue(_share));
        bool draws = Terminal.IsDrawing, shows = !_json.TakesStandardOutput(result);
        var table = ResultTable.Of("route", "#win probability", "#threshold", "reason", "prompt");
        var decisions = new List<Decision>();
        bool keeps = result.GetValue(_json) is not null;
        int strong = 0, count = 0;
        if (shows && !draws)
        {
            table.Write(Terminal.Out);
        }

        await foreach (string prompt in _prompts.ReadAsync(result, cancellationToken))
        {
            RouteDecision decision = await policy.DecideAsync(new RouteRequest(prompt), cancellationToken);
            if (decision.RouterError is { } error)
            {
                throw new ToolException($"The router failed on a prompt: {error.Message}", error);
            }

            count++;
            strong += decision.Routes[0].Name == StrongRoute ? 1 : 0;
            if (keeps)
            {
                decisions.Add(new Decision(prompt, decision.Routes[0].Name, decision.WinProbability, decision.Threshold, decision.Reason));
            }

            if (shows)
            {
                Show(table, decision, prompt, draws);
            }
        }

        RouterMetadata? metadata = router.GetService<RouterMetadata>();
        var contents = new Contents(
            result.GetValue(_router.Router)!, metadata?.Fingerprint, metadata?.StrongModel, metadata?.WeakModel, policy.Threshold, (double)strong / count, decisions);
        _json.Present(result, Terminal, contents, () =>
        {
            if (draws)
            {
                Terminal.Write(table);
                Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{strong} of {count} to the strong model"));
            }
        });
        return ExitCodes.Success;
    }

    private static string Number(double? value) => value?.ToString("0.0000", CultureInfo.InvariantCulture) ?? "-";

    private static ThresholdPolicy CreatePolicy(IRouter router, double? threshold, double? share)
    {
        try
        {
            var options = new TwoModelRoutingOptions { Threshold = threshold, StrongShare = threshold is null ? share ?? DefaultShare : null };
            return new ThresholdPolicy(new ModelRoute(StrongRoute, NoModel.Instance), new ModelRoute("weak", NoModel.Instance), router, options);
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }
    }

    private void Show(ResultTable table, RouteDecision decision, string prompt, bool draws)
    {
        // A pipe gets each line when it is decided, with the whole prompt, which a program may want to find again.
        string[] cells = [decision.Routes[0].Name, Number(decision.WinProbability), Number(decision.Threshold), decision.Reason, draws ? Excerpts.Of(prompt, ExcerptLength) : prompt];
        if (draws)
        {
            table.Add(cells);
        }
        else
        {
            ResultTable.WriteLine(Terminal.Out, cells);
            Terminal.Out.Flush();
        }
    }

    private sealed record Decision(string Prompt, string Route, double? WinProbability, double? Threshold, string Reason);

    private sealed record Contents(
        string Router, string? Fingerprint, string? StrongModel, string? WeakModel, double Threshold, double StrongShare, IReadOnlyList<Decision> Decisions);
}
