using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using RouteLLM.Cli.Commands.Evaluating;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands;

/// <summary>Measures a router on rows for which it is known how both models answer, and guards a quality in CI.</summary>
internal sealed class EvaluateCommand : ToolCommand
{
    private readonly Option<string> _router = new("--router") { Description = $"The router: {RouterLoader.Names}.", HelpName = "ROUTER", DefaultValueFactory = static _ => RouterLoader.BuiltIn };
    private readonly EvaluationInput _input;
    private readonly Option<RoutingQualityGate?> _require = new("--require")
    {
        Description = "What must hold, else the exit code is 1: METRIC=BOUND or METRIC@SOURCE=BOUND, parted by commas. At least: apgr, quality, retained (quality as a part of the strong model's), gap, best, rho. At most: cost (as a part of the strong model's), usd, share, cpt50, cpt80, ece.",
        HelpName = "REQUIREMENTS",
        CustomParser = ParseRequirements,
    };

    private readonly Option<string?> _baseline = new("--baseline") { Description = "What an earlier evaluate wrote with --json: APGR, quality kept, cost and what is required must not be worse than there.", HelpName = "FILE" };
    private readonly Option<double?> _tolerance = Numbers.Fraction("--tolerance", "P", "By how much they may be worse than the baseline's. [default: 0.01]");
    private readonly JsonOption _json = new();

    public EvaluateCommand(Terminal terminal)
        : base("evaluate", "Measures a router on rows with the scores of two models' answers, or with ratings: quality recovered, strong share needed, calibration, cost, by source, with intervals. With requirements it is a quality gate for CI.", terminal)
    {
        Add(_router);
        _input = new EvaluationInput(this, terminal);
        Add(_require);
        Add(_baseline);
        Add(_tolerance);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetResult(_tolerance) is not null && result.GetValue(_baseline) is null)
            {
                result.AddError("--tolerance says how far from a baseline is near enough; give --baseline too.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "evaluate --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --split eval",
        "evaluate --router my-router.safetensors --data answers.parquet --strong large --weak small --json evaluation.json",
        "evaluate --router knn:index.safetensors --embedder-model all-MiniLM-L6-v2 --data answers.jsonl --strong large --weak small",
        "evaluate --data answers.jsonl --strong large --weak small --require apgr=0.6,cost=0.7 --baseline evaluation.json",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        // A gate that cannot be read is found before the work and not after.
        RoutingQualityGate? gate = ReadGate(result);
        EvaluationOptions options = _input.Options(result, keepPrompts: false);
        string name = result.GetValue(_router)!;
        IRouter router = RouterLoader.Load(name, _input.Strong(result), _input.Weak(result), Terminal, _input.Embedder(result));
        RouterEvaluation evaluation = await _input.EvaluateAsync(router, name, _input.Read(result), options, cancellationToken);
        _input.NoteSkipped(evaluation);
        foreach (string note in evaluation.Overall.Notes)
        {
            Terminal.Note(note);
        }

        var summary = EvaluationSummary.Create(evaluation);
        QualityGateResult? gateResult = gate?.Check(summary);
        JsonObject json = JsonNode.Parse(summary.ToJson())!.AsObject();
        json["data"] = _input.Describe(result);
        if (gateResult is not null)
        {
            json["gate"] = new JsonObject
            {
                ["passed"] = gateResult.Passed,
                ["failures"] = new JsonArray([.. gateResult.Failures.Select(static check => JsonValue.Create(check.Message))]),
                ["notes"] = new JsonArray([.. gateResult.Notes.Select(static note => JsonValue.Create(note))]),
            };
        }

        _json.Present(result, Terminal, json, () => Terminal.Write(EvaluationTables.Of(summary)));
        return gateResult is null || Report(gateResult) ? ExitCodes.Success : ExitCodes.Failure;
    }

    private static RoutingQualityGate? ParseRequirements(ArgumentResult result)
    {
        try
        {
            return RoutingQualityGate.Parse(result.Tokens[0].Value);
        }
        catch (FormatException error)
        {
            result.AddError($"--require: {error.Message}");
            return null;
        }
    }

    private RoutingQualityGate? ReadGate(ParseResult result)
    {
        RoutingQualityGate? required = result.GetValue(_require);
        if (result.GetValue(_baseline) is not { } path)
        {
            return required;
        }

        InputFile.Check(path);
        return (required ?? new()) with { Baseline = EvaluationSummary.Load(path), Tolerance = result.GetValue(_tolerance) ?? new RoutingQualityGate().Tolerance };
    }

    private bool Report(QualityGateResult gate)
    {
        Terminal.Out.Flush();
        foreach (string note in gate.Notes)
        {
            Terminal.Note(note);
        }

        foreach (QualityGateCheck check in gate.Failures)
        {
            Terminal.Error.WriteLine($"failed: {check.Message}");
        }

        int failed = gate.Failures.Count();
        Terminal.Error.WriteLine(failed == 0
            ? string.Create(CultureInfo.InvariantCulture, $"quality gate passed: {gate.Checks.Count} of {gate.Checks.Count} checks")
            : string.Create(CultureInfo.InvariantCulture, $"quality gate failed: {failed} of {gate.Checks.Count} checks"));
        return failed == 0;
    }
}
