using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;

namespace RouteLLM.Cli.Commands;

/// <summary>Scores the prompts of a file, in bounded memory: <c>{"id", "prompt"}</c> in, <c>{"id", "win_probability"}</c> out.</summary>
internal sealed class ScoreCommand : ToolCommand
{
    // Large enough to keep all processors busy, small enough that long prompts do not fill the memory.
    private const int BatchSize = 256;

    private readonly RouterOptions _router;
    private readonly Option<string> _input = new("--input", "-i") { Description = "JSON lines with an id and a prompt each, packed if the name ends in .gz; - for standard input.", HelpName = "FILE", DefaultValueFactory = static _ => InputFile.Standard };
    private readonly Option<string> _output = new("--output", "-o") { Description = "Where to write; - for standard output.", HelpName = "FILE", DefaultValueFactory = static _ => OutputFile.Standard };
    private readonly JsonOption _json = new();

    public ScoreCommand(Terminal terminal)
        : base("score", "Scores prompts: for each row with an id and a prompt, writes the probability that the strong model's answer is the better one, in the same order.", terminal)
    {
        _router = new RouterOptions(this);
        Add(_input);
        Add(_output);
        Add(_json);
        Validators.Add(Validate);
    }

    public override IReadOnlyList<string> Examples { get; } =
    [
        "score --input prompts.jsonl --output scores.jsonl",
        "score --router my-router.safetensors --input prompts.jsonl.gz | head -3",
        "score --router length < prompts.jsonl > baseline.jsonl",
    ];

    protected override async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        IRouter router = _router.Load(result, Terminal);
        using InputFile input = InputFile.Open(result.GetValue(_input)!, Terminal);
        using OutputFile output = OutputFile.Create(result.GetValue(_output)!, Terminal);
        var clock = Stopwatch.StartNew();

        // A bar would run through lines that are written to the same screen.
        int count = Terminal.IsDrawing && result.GetValue(_output) == OutputFile.Standard
            ? await ScoreAsync(router, input, output.Stream, null, cancellationToken)
            : await Terminal.WithProgressAsync($"Scoring {input.Name}", progress => ScoreAsync(router, input, output.Stream, progress, cancellationToken));
        output.Commit();

        RouterMetadata? metadata = router.GetService<RouterMetadata>();
        var summary = new Summary(count, result.GetValue(_router.Router)!, metadata?.Fingerprint, metadata?.StrongModel, metadata?.WeakModel, clock.Elapsed.TotalSeconds);
        _json.Present(result, Terminal, summary, () =>
        {
            if (Terminal.IsWatched)
            {
                Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"scored {count:n0} prompts in {clock.Elapsed.TotalSeconds:0.0} s"));
            }
        });
        return ExitCodes.Success;
    }

    private static async Task<int> ScoreAsync(IRouter router, InputFile input, Stream output, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // One thread reads ahead while prompts are being scored; what has been read is scored at once, so that nothing waits for a slow writer of the input.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Channel<PromptRow> rows = Channel.CreateBounded<PromptRow>(new BoundedChannelOptions(BatchSize) { SingleReader = true, SingleWriter = true });
        Task reading = Task.Run(() => ReadAsync(input, rows.Writer, stop.Token), CancellationToken.None);
        try
        {
            await using var json = new Utf8JsonWriter(output);
            var batch = new List<PromptRow>(BatchSize);
            int count = 0;
            while (await rows.Reader.WaitToReadAsync(cancellationToken))
            {
                batch.Clear();
                while (batch.Count < BatchSize && rows.Reader.TryRead(out PromptRow row))
                {
                    batch.Add(row);
                }

                IReadOnlyList<double> probabilities = await router.PredictWinProbabilitiesAsync(batch.Select(static row => row.Prompt), cancellationToken);
                for (int i = 0; i < batch.Count; i++)
                {
                    Write(json, output, batch[i], probabilities[i], input.Name);
                }

                output.Flush();
                count += batch.Count;
                progress?.Report(input.Progress);
            }

            await reading;
            return count;
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    private static async Task ReadAsync(InputFile input, ChannelWriter<PromptRow> rows, CancellationToken cancellationToken)
    {
        try
        {
            foreach (PromptRow row in PromptRowReader.Read(input))
            {
                await rows.WriteAsync(row, cancellationToken);
            }

            rows.Complete();
        }
        catch (Exception error)
        {
            // The rows before the faulty one are scored first; then whoever reads them gets the error.
            rows.Complete(error);
        }
    }

    private static void Write(Utf8JsonWriter json, Stream output, PromptRow row, double probability, string file)
    {
        if (probability is not (>= 0 and <= 1))
        {
            throw new ToolException(string.Create(CultureInfo.InvariantCulture, $"{file}, line {row.Line}: the router gave {probability}, which is no probability; its artifact may be damaged."));
        }

        json.WriteStartObject();
        json.WritePropertyName("id");
        json.WriteRawValue(row.Id, skipInputValidation: true);
        json.WriteNumber("win_probability", probability);
        json.WriteEndObject();
        json.Flush();
        json.Reset();
        output.WriteByte((byte)'\n');
    }

    private void Validate(CommandResult result)
    {
        // A default is not yet there when options are validated.
        if (result.GetValue(_json) == OutputFile.Standard && result.GetValue(_output) is null or OutputFile.Standard)
        {
            result.AddError("The scores and --json cannot both go to standard output; give --output or --json a file.");
        }
    }

    private sealed record Summary(int Rows, string Router, string? Fingerprint, string? StrongModel, string? WeakModel, double Seconds);
}
