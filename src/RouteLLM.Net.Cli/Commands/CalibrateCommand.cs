using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RouteLLM.Cli.Commands.Calibrating;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands;

/// <summary>Calibrates a threshold to a strong share, a cost or a quality, and writes it down for the options to point to.</summary>
internal sealed class CalibrateCommand : ToolCommand
{
    private readonly RouterOptions _router;
    private readonly CalibrationSource _source;
    private readonly TargetOptions _target;
    private readonly PriceOptions _prices;
    private readonly Option<string?> _output = new("--output", "-o") { Description = "Write the calibration to this file, for the options of an application to point to.", HelpName = "FILE" };
    private readonly JsonOption _json = new();

    public CalibrateCommand(Terminal terminal)
        : base("calibrate", "Finds the threshold for a strong share, a cost or a quality from your own prompts, labelled rows or decision log, and shows what it does.", terminal)
    {
        _router = new RouterOptions(this);
        _source = new CalibrationSource(this, terminal);
        _target = new TargetOptions(this);
        _prices = new PriceOptions(this);
        Add(_output);
        Add(_json);
        Validators.Add(result =>
        {
            if (result.GetValue(_output) == OutputFile.Standard)
            {
                result.AddError("--output needs a file; for standard output use --json -.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "calibrate --input prompts.jsonl --strong-share 0.3 --output calibration.json",
        "calibrate --input prompts.jsonl --budget 500/month --requests 1000000 --prices strong=2/8,weak=0.1/0.4 --input-tokens 500 --output-tokens 300",
        "calibrate --data rows.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --keep-quality 0.95 --confidence 0.95 --by lang",
        "calibrate --log decisions.jsonl --days 7 --strong-share 0.3 --by tenant",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        CalibrationTarget target = _target.Read(result);
        string strong = result.GetValue(_router.Strong) ?? RoutedChatClient.StrongRoute, weak = result.GetValue(_router.Weak) ?? RoutedChatClient.WeakRoute;
        var options = new CalibrationOptions { StrongModel = strong, WeakModel = weak, Prices = _prices.Read(result, strong, weak), TypicalTokens = _prices.Tokens(result) };
        RouterCalibration calibration;
        try
        {
            calibration = await _source.CalibrateAsync(_router.Load(result, Terminal), target, options, result, cancellationToken);
        }
        catch (ArgumentException error)
        {
            throw ToolException.From(error);
        }

        byte[] json = Encoding.UTF8.GetBytes(calibration.ToJson() + "\n");
        _json.Present(result, Terminal, JsonSerializer.Deserialize<JsonElement>(json), () => Show(calibration));
        foreach (string note in calibration.Notes)
        {
            Terminal.Note(note);
        }

        if (!calibration.IsSupported)
        {
            throw new ToolException($"The data cannot support the promise to {target}.{(result.GetValue(_output) is null ? "" : " No calibration was written.")}");
        }

        if (result.GetValue(_output) is { } path)
        {
            using OutputFile file = OutputFile.Create(path, Terminal);
            file.Stream.Write(json);
            file.Commit();
        }

        return ExitCodes.Success;
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    private static string Threshold(double threshold) => double.IsPositiveInfinity(threshold) ? "never" : Number(threshold, "0.0000##");

    private void Show(RouterCalibration calibration)
    {
        bool hasQuality = calibration.Chosen.QualityKept is not null, hasCost = calibration.Chosen.UsdPerThousand is not null;
        string[] measures = ["#threshold", "#strong share", .. hasQuality ? ["#quality kept"] : Array.Empty<string>(), .. hasCost ? ["#saving", "#USD / 1,000"] : Array.Empty<string>()];
        var table = ResultTable.Of([.. measures, ""]);
        foreach (CalibrationPoint point in calibration.Table)
        {
            table.Add([.. Cells(point), point.Threshold == calibration.Chosen.Threshold ? "chosen" : ""]);
        }

        Terminal.Write(table);
        if (calibration.Groups.Count == 0)
        {
            return;
        }

        bool hasPromise = calibration.Groups.Values.Any(static group => group.IsPromised is not null);
        var groups = ResultTable.Of([calibration.GroupedBy!, "#rows", .. measures, "#own weight", .. hasPromise ? ["promised by itself"] : Array.Empty<string>()]);
        foreach ((string name, CalibrationGroup group) in calibration.Groups)
        {
            groups.Add([name, Number(group.Rows, "n0"), .. Cells(group.Point), Number(group.OwnWeight, "0.00"), .. hasPromise ? [group.IsPromised == true ? "yes" : "no"] : Array.Empty<string>()]);
        }

        Terminal.Out.WriteLine();
        Terminal.Write(groups);

        string[] Cells(CalibrationPoint point) =>
        [
            Threshold(point.Threshold),
            Number(point.StrongShare, "p1"),
            .. hasQuality ? [Optional(point.QualityKept, "p1")] : Array.Empty<string>(),
            .. hasCost ? [Optional(point.Saving, "p1"), Optional(point.UsdPerThousand, "0.00##")] : Array.Empty<string>(),
        ];

        static string Optional(double? value, string format) => value is { } number ? Number(number, format) : "-";
    }
}
