using System.CommandLine;
using System.CommandLine.Parsing;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Commands.Calibrating;

/// <summary>The options that say what to calibrate on: prompts (<c>--input</c>), labelled rows (<c>--data</c>) or a decision log (<c>--log</c>).</summary>
internal sealed class CalibrationSource
{
    private static readonly Dictionary<string, Func<EvaluationRow, string?>> s_groups = new()
    {
        ["lang"] = static row => row.Language,
        ["source"] = static row => row.Source.Length == 0 ? null : row.Source,
        ["category"] = static row => row.Category,
    };

    private readonly Option<string?> _input = new("--input", "-i") { Description = "Prompts: JSON lines with a prompt each, packed if the name ends in .gz; - for standard input.", HelpName = "FILE" };
    private readonly Option<string[]> _data = new("--data") { Description = "Rows as evaluation reads them, with scores of both models for --keep-quality: JSON lines, CSV or Parquet.", HelpName = "FILE", AllowMultipleArgumentsPerToken = true };
    private readonly Option<string?> _split = new("--split") { Description = "Which rows of --data to use, by their split. [default: all]", HelpName = "SPLIT" };
    private readonly Option<string?> _log = new("--log") { Description = "A decision log: JSON lines with a win_probability each, and optionally time, route, cost, input_tokens and output_tokens.", HelpName = "FILE" };
    private readonly Option<double?> _days = Numbers.Real("--days", static value => value > 0 && value < 100_000, "a positive number", "Use only the last days of --log, counted from its last decision.");
    private readonly Option<string?> _by = new("--by") { Description = "Calibrate groups too: lang, source or category, or with --log any property, such as tenant.", HelpName = "PROPERTY" };

    private readonly Terminal _terminal;

    public CalibrationSource(Command command, Terminal terminal)
    {
        _terminal = terminal;
        foreach (Option option in new Option[] { _input, _data, _split, _log, _days, _by })
        {
            command.Add(option);
        }

        command.Validators.Add(Validate);
    }

    /// <summary>Calibrates.</summary>
    /// <exception cref="ToolException">The data do not allow it.</exception>
    public async Task<RouterCalibration> CalibrateAsync(IRouter router, CalibrationTarget target, CalibrationOptions options, ParseResult result, CancellationToken cancellationToken)
    {
        string? by = result.GetValue(_by);
        options = options with { GroupedBy = by, Group = by is null ? null : s_groups.GetValueOrDefault(by) };
        if (result.GetValue(_log) is { } log)
        {
            CheckExists(log);
            LoggedDecision[] entries = [.. Recent(DecisionLogReader.ReadFile(log), result.GetValue(_days), log)];
            return RouterCalibrator.Calibrate(router, entries, target, options with { Data = [CalibrationData.OfFile(log, entries.Length)] });
        }

        if (result.GetValue(_data) is { Length: > 0 } data)
        {
            Array.ForEach(data, CheckExists);
            return await CalibrateAsync(router, target, options, data, result.GetValue(_split), cancellationToken);
        }

        string path = result.GetValue(_input)!;
        using InputFile input = InputFile.Open(path, _terminal);
        RouterCalibration calibration = await _terminal.WithProgressAsync(
            $"Scoring {input.Name}",
            progress => RouterCalibrator.CalibrateAsync(router, PromptRowReader.ReadPrompts(input), target, Watched(options, () => progress.Report(input.Progress)), cancellationToken));
        return calibration with { Data = [path == InputFile.Standard ? new CalibrationData(input.Name, calibration.Rows) : CalibrationData.OfFile(path, calibration.Rows)] };
    }

    private async Task<RouterCalibration> CalibrateAsync(IRouter router, CalibrationTarget target, CalibrationOptions options, string[] data, string? split, CancellationToken cancellationToken)
    {
        var counts = data.Distinct().ToDictionary(static file => file, static _ => 0);
        IEnumerable<EvaluationRow> rows = EvaluationRowReader.ReadFiles(data).Where(row => split is null || row.Split == split).Select(row =>
        {
            counts[row.Origin!.Value.File]++;
            return row;
        });
        RouterCalibration calibration = await _terminal.WithProgressAsync(
            $"Scoring {string.Join(", ", data)}", _ => RouterCalibrator.CalibrateAsync(router, rows, target, options, cancellationToken));
        return calibration with { Data = [.. counts.Select(static file => CalibrationData.OfFile(file.Key, file.Value))] };
    }

    private static CalibrationOptions Watched(CalibrationOptions options, Action report) =>
        options with { Prediction = new BatchPredictionOptions { Progress = new Watcher(report) } };

    private static IEnumerable<LoggedDecision> Recent(IEnumerable<LoggedDecision> log, double? days, string path)
    {
        if (days is null)
        {
            return log;
        }

        LoggedDecision[] all = [.. log];
        DateTimeOffset? last = all.Max(static entry => entry.Time);
        return last is null && all.Length > 0
            ? throw new ToolException($"The decisions of '{path}' have no time, so --days cannot tell which are the last.")
            : all.Where(entry => entry.Time >= last!.Value.AddDays(-days.Value));
    }

    private static void CheckExists(string path)
    {
        if (!File.Exists(path))
        {
            throw new ToolException(Directory.Exists(path) ? $"'{path}' is a folder; a file is expected." : $"There is no file '{path}'.");
        }
    }

    private void Validate(CommandResult result)
    {
        string[] given = [.. new Option[] { _input, _data, _log }.Where(option => result.GetResult(option) is { Implicit: false }).Select(static option => option.Name)];
        if (given.Length != 1)
        {
            result.AddError(given.Length == 0
                ? "Say what to calibrate on: --input with prompts, --data with rows, or --log with decisions."
                : $"{string.Join(" and ", given)} are {(given.Length == 2 ? "both" : "all")} given; give one of them.");
            return;
        }

        bool Has(Option option) => result.GetResult(option) is { Implicit: false };
        if (Has(_split) && given[0] != _data.Name)
        {
            result.AddError("--split belongs to --data.");
        }

        if (Has(_days) && given[0] != _log.Name)
        {
            result.AddError("--days belongs to --log.");
        }

        if (given[0] != _log.Name && result.GetValue(_by) is { } by && !s_groups.ContainsKey(by))
        {
            result.AddError($"--by is '{by}', but rows can be grouped by {string.Join(", ", s_groups.Keys)}; any other property needs --log.");
        }
    }

    /// <summary>Reports without switching threads, so that the last report is not late.</summary>
    private sealed class Watcher(Action report) : IProgress<int>
    {
        public void Report(int value) => report();
    }
}
