using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands;

/// <summary>Replays a decision log, or sends a file of prompts, through other thresholds or another router. No model is called.</summary>
internal sealed class SimulateCommand : ToolCommand
{
    private const int ExcerptLength = 70;

    private readonly Option<string[]> _log = new("--log") { Description = "Decision logs, JSON lines: route, win_probability, threshold, and optionally prompt, input_tokens, output_tokens, cost, latency_ms, reward.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string[]> _prompts = new("--prompts") { Description = "Rows with an id and a prompt, JSON lines, CSV or Parquet, and optionally scores, cost, tokens and latency_ms by model.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly EmbedderOptions _embedder;
    private readonly Option<string?> _router = new("--router") { Description = $"The router: {RouterLoader.Names}. [default: for --log the logged win probabilities, for --prompts {RouterLoader.BuiltIn}]", HelpName = "ROUTER" };
    private readonly Option<double[]> _thresholds = Numbers.Fractions("--threshold", "T", "Thresholds to simulate.");
    private readonly Option<double[]> _shares = Numbers.Fractions("--strong-share", "S", "Strong shares to simulate, at the thresholds that give them on these requests; the files are then read twice.");
    private readonly Option<string?> _strong = new("--strong") { Description = "The strong model: of --prompts by its name in the rows, and of the router where that knows several.", HelpName = "MODEL" };
    private readonly Option<string?> _weak = new("--weak") { Description = "The weak model likewise.", HelpName = "MODEL" };
    private readonly Option<string> _strongRoute = new("--strong-route") { Description = "What the log calls the strong route.", HelpName = "NAME", DefaultValueFactory = static _ => "strong" };
    private readonly Option<string> _weakRoute = new("--weak-route") { Description = "What the log calls the weak route.", HelpName = "NAME", DefaultValueFactory = static _ => "weak" };
    private readonly Option<TokenPrice?> _strongPrice = PriceOption("--strong-price", "The strong model's price: USD per million input and output tokens, such as 2.5/10.");
    private readonly Option<TokenPrice?> _weakPrice = PriceOption("--weak-price", "The weak model's price likewise, such as 0.15/0.6.");
    private readonly Option<double?> _outputTokens = Numbers.AtLeast("--output-tokens", 0, "How many tokens an answer is taken to have where it is not known; without it, such an answer's cost is not known either.");
    private readonly Option<int> _examples = Numbers.Between("--examples", 0, 1000, "How many requests that move to show, for each point and direction.", 3);
    private readonly Option<bool> _skipInvalid = new("--skip-invalid") { Description = "Skip and count log lines that are no decisions, such as a last one cut short, instead of failing." };
    private readonly JsonOption _json = new();

    public SimulateCommand(Terminal terminal)
        : base("simulate", "Tells what would have become of your traffic under other thresholds or another router: strong share, what moves, cost, latency, and quality where it is known.", terminal)
    {
        _embedder = new EmbedderOptions(this);
        foreach (Option option in new Option[] { _log, _prompts, _router, _thresholds, _shares, _strong, _weak, _strongRoute, _weakRoute, _strongPrice, _weakPrice, _outputTokens, _examples, _skipInvalid, _json })
        {
            Add(option);
        }

        Validators.Add(Validate);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "simulate --log decisions.jsonl --threshold 0.3 0.4 0.5 --strong-price 2.5/10 --weak-price 0.15/0.6",
        "simulate --log week1.jsonl.gz week2.jsonl.gz --router my-router.safetensors --strong-share 0.2 0.3",
        "simulate --prompts prompts.jsonl --strong-share 0.3 --strong gpt-4.1 --weak gpt-4.1-mini --output-tokens 300 --strong-price 2/8 --weak-price 0.4/1.6",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string[] log = result.GetValue(_log) ?? [], prompts = result.GetValue(_prompts) ?? [];
        bool isLog = log.Length > 0;
        foreach (string path in prompts.Where(static path => path != InputFile.Standard))
        {
            InputFile.Check(path);
        }

        string? name = result.GetValue(_router) ?? (isLog ? null : RouterLoader.BuiltIn);
        IRouter? router = name is null ? null : RouterLoader.Load(name, result.GetValue(_strong), result.GetValue(_weak), Terminal, _embedder.Load(result));
        var options = new SimulationOptions
        {
            Thresholds = result.GetValue(_thresholds) ?? [],
            StrongShares = result.GetValue(_shares) ?? [],
            Strong = isLog ? result.GetValue(_strongRoute)! : result.GetValue(_strong) ?? "strong",
            Weak = isLog ? result.GetValue(_weakRoute)! : result.GetValue(_weak) ?? "weak",
            StrongPrice = result.GetValue(_strongPrice),
            WeakPrice = result.GetValue(_weakPrice),
            OutputTokens = result.GetValue(_outputTokens),
            Examples = result.GetValue(_examples),
        };
        int invalid = 0;
        EvaluationDataException? firstInvalid = null;
        RoutingSimulation simulation = await Terminal.WithProgressAsync("Simulating", async progress =>
        {
            try
            {
                return await Task.Run(
                    () => isLog
                        ? RoutingSimulator.ReplayAsync(ReadLogs(log, progress, result.GetValue(_skipInvalid) ? Skip : null), router, options, cancellationToken)
                        : RoutingSimulator.SimulateAsync(ReadPrompts(prompts), router!, options, cancellationToken),
                    cancellationToken);
            }
            catch (ArgumentException error)
            {
                throw ToolException.From(error);
            }
        });

        // Files that are read twice have every such line twice.
        int skipped = invalid / (options.StrongShares.Count > 0 ? 2 : 1);
        if (skipped > 0)
        {
            Terminal.Note(string.Create(CultureInfo.InvariantCulture, $"{skipped:n0} lines are no decisions and were skipped; the first: {firstInvalid!.Message}"));
        }

        foreach (string note in simulation.Notes)
        {
            Terminal.Note(note);
        }

        var contents = new Contents(
            name, simulation.Fingerprint, simulation.Requests, simulation.Logged, simulation.Fixed, simulation.OtherRoutes, simulation.Unscored, skipped,
            simulation.AsLogged, simulation.AlwaysStrong, simulation.AlwaysWeak, simulation.Points, simulation.Notes);
        _json.Present(result, Terminal, contents, () => Show(simulation));
        return ExitCodes.Success;

        void Skip(EvaluationDataException error)
        {
            firstInvalid ??= error;
            invalid++;
        }
    }

    private static Option<TokenPrice?> PriceOption(string name, string description) => new(name)
    {
        HelpName = "IN/OUT",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (text.Split('/') is [var input, var output]
                && decimal.TryParse(input, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal inputPrice)
                && decimal.TryParse(output, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal outputPrice))
            {
                return new TokenPrice(inputPrice, outputPrice);
            }

            result.AddError($"{name} is '{text}', but must be two prices in USD per million tokens, of input and output, such as 2.5/10.");
            return null;
        },
    };

    /// <summary>Reads the logs, as often as the result is enumerated.</summary>
    private IEnumerable<LoggedDecision> ReadLogs(string[] paths, IProgress<double> progress, Action<EvaluationDataException>? invalidLine)
    {
        foreach ((int number, string path) in paths.Index())
        {
            using InputFile file = InputFile.Open(path, Terminal);
            foreach (LoggedDecision decision in DecisionLogReader.Read(file.Reader, file.Name, invalidLine))
            {
                yield return decision;
                progress.Report((number + file.Progress) / paths.Length);
            }
        }
    }

    /// <summary>Reads rows of prompts likewise.</summary>
    private IEnumerable<EvaluationRow> ReadPrompts(string[] paths)
    {
        var options = new EvaluationReaderOptions { AllowDuplicateIds = true };
        foreach (string path in paths)
        {
            foreach (EvaluationRow row in path == InputFile.Standard ? EvaluationRowReader.Read(new StreamReader(Terminal.Input), InputFile.StandardName, options) : EvaluationRowReader.ReadFile(path, options))
            {
                yield return row;
            }
        }
    }

    private void Validate(CommandResult result)
    {
        string[] log = result.GetValue(_log) ?? [], prompts = result.GetValue(_prompts) ?? [];
        if (log.Length == 0 == (prompts.Length == 0))
        {
            result.AddError("Give either --log or --prompts.");
        }

        if (result.GetResult(_thresholds) is null && result.GetResult(_shares) is null)
        {
            result.AddError("Give what to simulate: --threshold or --strong-share, each with one or more numbers.");
        }

        if (result.GetResult(_shares) is not null && log.Concat(prompts).Contains(InputFile.Standard))
        {
            result.AddError("For --strong-share the requests are read twice, which standard input cannot be; give a file, or --threshold.");
        }

        // A default is not yet there when options are validated.
        if ((result.GetValue(_strongRoute) ?? "strong") == (result.GetValue(_weakRoute) ?? "weak") || (result.GetValue(_strong) is { } strong && strong == result.GetValue(_weak)))
        {
            result.AddError("The strong and the weak one have the same name; a router chooses between two.");
        }
    }

    private static string Number(double? value, string format) => value is { } number && !double.IsNaN(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "-";

    private void Show(RoutingSimulation simulation)
    {
        var table = ResultTable.Of("rule", "#threshold", "#strong share", "#to strong", "#to weak", "#USD per 1,000", "#saved", "#latency ms", "#quality");
        if (simulation.AsLogged is { } logged)
        {
            Add("as logged", logged);
        }

        Add("always strong", simulation.AlwaysStrong);
        Add("always weak", simulation.AlwaysWeak);
        foreach (SimulatedPoint point in simulation.Points)
        {
            Add(point.WantedStrongShare is { } share ? string.Create(CultureInfo.InvariantCulture, $"strong share {share}") : "threshold", point);
        }

        Terminal.Write(table);
        var moves = ResultTable.Of("#threshold", "moves to", "#win probability", "from", "prompt");
        foreach (SimulatedPoint point in simulation.Points)
        {
            foreach (MovedRequest moved in point.Examples)
            {
                moves.Add(
                    Number(point.Threshold, "0.0000"), moved.ToStrong ? "strong" : "weak", Number(moved.WinProbability, "0.0000"), moved.Origin?.ToString() ?? "",
                    moved.Prompt is null ? "(not in the log)" : Excerpts.Of(moved.Prompt, ExcerptLength));
            }
        }

        if (simulation.Points.Any(static point => point.Examples.Count > 0))
        {
            Terminal.Out.WriteLine();
            Terminal.Write(moves);
        }

        void Add(string rule, SimulatedPoint point) => table.Add(
            rule,
            double.IsFinite(point.Threshold ?? double.NaN) ? Number(point.Threshold, "0.0000") : "-",
            Number(point.StrongShare, "0.000"),
            point.MovedToStrong.ToString(CultureInfo.InvariantCulture),
            point.MovedToWeak.ToString(CultureInfo.InvariantCulture),
            Number(point.Cost?.Mean * 1000, "0.0000"),
            Number(simulation.CostSaved(point) * 100, "0.0'%'"),
            Number(point.Latency?.Mean, "0"),
            Number(point.Quality?.Mean, "0.0000"));
    }

    private sealed record Contents(
        string? Router,
        string? Fingerprint,
        long Requests,
        long Logged,
        long Fixed,
        long OtherRoutes,
        long Unscored,
        int InvalidLines,
        SimulatedPoint? AsLogged,
        SimulatedPoint AlwaysStrong,
        SimulatedPoint AlwaysWeak,
        IReadOnlyList<SimulatedPoint> Points,
        IReadOnlyList<string> Notes);
}
