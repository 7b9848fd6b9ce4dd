using System.CommandLine;
using System.Text;
using RouteLLM.Cli.Commands.Evaluating;
using RouteLLM.Evaluation;
using RouteLLM.Reporting;
using ScottPlot;

namespace RouteLLM.Cli.Commands;

/// <summary>Draws how routers do: an HTML report, and pictures beside it.</summary>
internal sealed class ReportCommand : ToolCommand
{
    private const int Width = 900, Height = 560;

    private readonly EvaluationInput _input;
    private readonly RouterList _routers;
    private readonly Option<string> _output = new("--output", "-o") { Description = "The HTML file to write; - for standard output.", HelpName = "FILE", DefaultValueFactory = static _ => "report.html" };
    private readonly Option<string?> _pictures = new("--pictures") { Description = "A folder to write the pictures to, as PNG and SVG; made if it is not there.", HelpName = "FOLDER" };
    private readonly Option<string?> _title = new("--title") { Description = "The report's title.", HelpName = "TITLE" };
    private readonly Option<bool> _noPrompts = new("--no-prompts") { Description = "Leave example prompts out, where they should not be passed on." };
    private readonly JsonOption _json = new();

    public ReportCommand(Terminal terminal)
        : base("report", "Draws how routers do, as one HTML file that needs nothing else: curves with a slider for the threshold, histogram, reliability, tables, example prompts.", terminal)
    {
        _input = new EvaluationInput(this, terminal);
        _routers = new RouterList(_input, terminal);
        foreach (Option option in new Option[] { _routers.Option, _output, _pictures, _title, _noPrompts, _json })
        {
            Add(option);
        }

        Validators.Add(result =>
        {
            if (result.GetValue(_json) == OutputFile.Standard && result.GetValue(_output) == OutputFile.Standard)
            {
                result.AddError("The report and --json cannot both go to standard output; give --output or --json a file.");
            }
        });
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "report --data answers.jsonl --strong gpt-4.1 --weak gpt-4.1-mini --split eval --output report.html",
        "report --router builtin my-router.safetensors length --data answers.jsonl --strong large --weak small --pictures pictures",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        string output = result.GetValue(_output)!;
        using OutputFile file = OutputFile.Create(output, Terminal);
        bool keepPrompts = !result.GetValue(_noPrompts);
        RouterEvaluation[] evaluations = await _routers.EvaluateAsync(result, keepPrompts, cancellationToken);
        BootstrapOptions bootstrap = _input.Options(result, keepPrompts).Bootstrap;
        string html = await Terminal.WithProgressAsync("Drawing", _ => Task.Run(
            () => HtmlReport.Create(evaluations, new HtmlReportOptions { Title = result.GetValue(_title), Description = $"Measured on {_input.Describe(result)}.", Bootstrap = bootstrap }, cancellationToken), cancellationToken));
        file.Stream.Write(Encoding.UTF8.GetBytes(html));
        file.Commit();

        string[] pictures = result.GetValue(_pictures) is { } folder ? SavePictures(folder, evaluations, bootstrap) : [];
        var contents = new Contents(output, pictures, [.. evaluations.Select(static evaluation => evaluation.Router)], evaluations[0].Overall.Rows);
        _json.Present(result, Terminal, contents, () =>
        {
            if (output != OutputFile.Standard)
            {
                foreach (string path in pictures.Prepend(output))
                {
                    Terminal.Out.WriteLine(path);
                }
            }
        });
        return ExitCodes.Success;
    }

    private static string[] SavePictures(string folder, RouterEvaluation[] evaluations, BootstrapOptions bootstrap)
    {
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        if (evaluations[0].Overall.Curve is not null)
        {
            Save("cost-quality", EvaluationPlots.CostQuality(evaluations, new PlotOptions { Bootstrap = bootstrap }));
        }

        foreach ((int i, RouterEvaluation evaluation) in evaluations.Index())
        {
            string suffix = evaluations.Length == 1 ? "" : $"-{i + 1}";
            Save($"win-probabilities{suffix}", EvaluationPlots.WinProbabilities(evaluation));
            Save($"reliability{suffix}", EvaluationPlots.Reliability(evaluation));
        }

        return [.. written];

        void Save(string name, Plot plot)
        {
            string png = Path.Combine(folder, $"{name}.png"), svg = Path.Combine(folder, $"{name}.svg");
            plot.SavePng(png, Width, Height);
            plot.SaveSvg(svg, Width, Height);
            written.AddRange([png, svg]);
        }
    }

    private sealed record Contents(string Report, IReadOnlyList<string> Pictures, IReadOnlyList<string> Routers, int Rows);
}
