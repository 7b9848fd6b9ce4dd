using System.Text;
using Spectre.Console;

namespace RouteLLM.Cli;

/// <summary>Where the tool reads and writes: a terminal, which is drawn on, or pipes and files, which get plain text in UTF-8.</summary>
internal sealed class Terminal
{
    private const int UnknownWidth = 80;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly bool _isOutputTerminal;
    private readonly bool _isErrorTerminal;

    /// <param name="input">Standard input.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="isInputTerminal">Whether somebody types the input.</param>
    /// <param name="isOutputTerminal">Whether somebody looks at the output.</param>
    /// <param name="isErrorTerminal">Whether somebody looks at standard error.</param>
    /// <param name="width">The columns of the terminal.</param>
    /// <param name="environment">The environment variables that say what a terminal can do, or <see langword="null"/> for the process's own.</param>
    public Terminal(
        Stream input, Stream output, TextWriter error, bool isInputTerminal, bool isOutputTerminal, bool isErrorTerminal, int width = UnknownWidth, Dictionary<string, string>? environment = null)
    {
        Input = input;
        OutputStream = output;
        Out = new StreamWriter(output, s_utf8, leaveOpen: true);
        Error = error;
        IsInputTerminal = isInputTerminal;
        _isOutputTerminal = isOutputTerminal;
        _isErrorTerminal = isErrorTerminal;
        Canvas = CreateConsole(Out, isOutputTerminal, width, environment);
        ErrorCanvas = CreateConsole(error, isErrorTerminal, width, environment);
    }

    public Stream Input { get; }

    public bool IsInputTerminal { get; }

    /// <summary>Gets standard output for bytes; flush <see cref="Out"/> before, and do not mix.</summary>
    public Stream OutputStream { get; }

    /// <summary>Gets standard output for text.</summary>
    public TextWriter Out { get; }

    public TextWriter Error { get; }

    /// <summary>Gets a value indicating whether standard output is drawn on: tables and colours, not lines for other programs.</summary>
    public bool IsDrawing => _isOutputTerminal;

    /// <summary>Gets a value indicating whether what is said beside the results would be read by somebody.</summary>
    public bool IsWatched => _isErrorTerminal;

    /// <summary>Gets what draws on standard output.</summary>
    public IAnsiConsole Canvas { get; }

    /// <summary>Gets what draws on standard error.</summary>
    public IAnsiConsole ErrorCanvas { get; }

    public static Terminal OfProcess()
    {
        var error = new StreamWriter(Console.OpenStandardError(), s_utf8) { AutoFlush = true };
        if (!Console.IsOutputRedirected)
        {
            Console.OutputEncoding = s_utf8;
        }

        return new Terminal(
            Console.OpenStandardInput(), StandardOutputStream.Open(), error, !Console.IsInputRedirected, !Console.IsOutputRedirected, !Console.IsErrorRedirected, Console.IsOutputRedirected ? UnknownWidth : Console.WindowWidth);
    }

    /// <summary>Writes what the user should know although nothing failed, on standard error.</summary>
    public void Note(string message) => Error.WriteLine($"note: {message}");

    /// <summary>Writes a table: drawn on a terminal, else one line a row, columns parted by tabs.</summary>
    public void Write(ResultTable table)
    {
        if (IsDrawing)
        {
            table.Draw(Canvas);
        }
        else
        {
            table.Write(Out);
        }
    }

    /// <summary>Does long work under a progress bar, which is drawn if somebody is watching.</summary>
    /// <param name="description">What is being done.</param>
    /// <param name="work">The work; it reports the part that is done, from 0 to 1.</param>
    public async Task<T> WithProgressAsync<T>(string description, Func<IProgress<double>, Task<T>> work)
    {
        if (!IsWatched)
        {
            return await work(new ProgressBar(null));
        }

        return await ErrorCanvas.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
            .StartAsync(context => work(new ProgressBar(context.AddTask(Markup.Escape(description), maxValue: 1))));
    }

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isTerminal, int width, Dictionary<string, string>? environment) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new CanvasOutput(writer, isTerminal, width),
        Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        ColorSystem = isTerminal && !WantsNoColor(environment) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        EnvironmentVariables = environment,
    });

    /// <summary>Reads the environment variable NO_COLOR, which counts if it is not empty (no-color.org).</summary>
    private static bool WantsNoColor(Dictionary<string, string>? environment) =>
        !string.IsNullOrEmpty(environment is null ? Environment.GetEnvironmentVariable("NO_COLOR") : environment.GetValueOrDefault("NO_COLOR"));

    /// <summary>Reports without switching threads, so that the last report is not late.</summary>
    private sealed class ProgressBar(ProgressTask? task) : IProgress<double>
    {
        public void Report(double value)
        {
            if (task is not null)
            {
                task.Value = value;
            }
        }
    }

    private sealed class CanvasOutput(TextWriter writer, bool isTerminal, int width) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;

        public bool IsTerminal => isTerminal;

        public int Width => width > 0 ? width : UnknownWidth;

        public int Height => 24;

        public void SetEncoding(Encoding encoding)
        {
        }
    }
}
