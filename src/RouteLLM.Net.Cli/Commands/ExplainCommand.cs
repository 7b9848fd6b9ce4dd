using System.CommandLine;
using RouteLLM.Cli.Commands.Explaining;

namespace RouteLLM.Cli.Commands;

/// <summary>Says what in prompts made their scores: words for routers over words, nearest battles for those over battles.</summary>
internal sealed class ExplainCommand : ToolCommand
{
    private const int DefaultTop = 12;

    private readonly PromptInput _prompts;
    private readonly RouterOptions _router;
    private readonly Option<int> _top = Numbers.Between("--top", 0, int.MaxValue, "How many contributions to list, the weightiest first.", DefaultTop);
    private readonly JsonOption _json = new();

    public ExplainCommand(Terminal terminal)
        : base("explain", "Explains scores: which words of a prompt spoke for the strong model (green) and which for the weak one (red), and what they add up to.", terminal)
    {
        _prompts = new PromptInput(this, terminal);
        _router = new RouterOptions(this);
        Add(_top);
        Add(_json);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "explain \"Prove that there are infinitely many primes of the form 4k + 3.\"",
        "explain --router my-router.safetensors --top 5 \"thanks!\" \"Why is the sky blue?\"",
        "explain --json - - < prompts.txt",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        IRouter router = _router.Load(result, Terminal);
        IPredictionExplainer? words = router.GetService<IPredictionExplainer>();
        INearestBattleExplainer? battles = router.GetService<INearestBattleExplainer>();
        if (words is null && battles is null)
        {
            throw new ToolException($"The router '{result.GetValue(_router.Router)}' cannot say what made its scores; the built-in router and others over words can, and those over battles.");
        }

        bool shows = !_json.TakesStandardOutput(result);
        var contents = new List<object>();
        await foreach (string prompt in _prompts.ReadAsync(result, cancellationToken))
        {
            if (words is not null)
            {
                PredictionExplanation explanation = words.Explain(prompt);
                contents.Add(WordExplanation.ContentsOf(explanation));
                Show(shows, contents.Count > 1, () => WordExplanation.Show(explanation, result.GetValue(_top), Terminal));
            }
            else
            {
                double probability = await router.PredictWinProbabilityAsync(prompt, cancellationToken);
                IReadOnlyList<NearestBattle> nearest = await battles!.ExplainAsync(new RouteRequest(prompt), result.GetValue(_top), cancellationToken);
                contents.Add(BattleExplanation.ContentsOf(prompt, probability, nearest));
                Show(shows, contents.Count > 1, () => BattleExplanation.Show(prompt, probability, nearest, Terminal));
            }
        }

        RouterMetadata? metadata = router.GetService<RouterMetadata>();
        _json.Present(result, Terminal, new Contents(result.GetValue(_router.Router)!, metadata?.Fingerprint, metadata?.StrongModel, metadata?.WeakModel, contents), static () => { });
        return ExitCodes.Success;
    }

    private void Show(bool shows, bool isFurther, Action show)
    {
        if (!shows)
        {
            return;
        }

        if (isFurther)
        {
            Terminal.Out.WriteLine();
        }

        show();
        Terminal.Out.Flush();
    }

    private sealed record Contents(string Router, string? Fingerprint, string? StrongModel, string? WeakModel, IReadOnlyList<object> Explanations);
}
