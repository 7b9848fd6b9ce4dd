using Spectre.Console;

namespace RouteLLM.Quickstart;

/// <summary>Colours for a terminal: a line with the decision and the prompt, and below it the answer as it arrives.</summary>
internal sealed class TerminalReport : IReport
{
    /// <summary>The least width in cells that leaves room for a prompt.</summary>
    public const int MinWidth = 48;

    private static readonly Style s_strong = new(Color.Orange1);
    private static readonly Style s_weak = new(Color.DeepSkyBlue1);
    private static readonly Style s_saving = new(Color.Green3);
    private static readonly Style s_dim = new(Color.Grey58);
    private static readonly Style s_faint = new(Color.Grey30);
    private static readonly Style s_error = new(Color.Red);

    private readonly IAnsiConsole _console;
    private readonly ModelPair _models;
    private readonly int _barWidth;

    // A line is "12  ━━━━━━━━━━ 0.412  strong   14.2 µs  prompt".
    private readonly int _indent;
    private readonly int _textWidth;
    private int _number;
    private string _prompt = "";
    private Excerpt _answer = new(0);
    private bool _isDecided;
    private bool _isLineOpen;

    public TerminalReport(IAnsiConsole console, ModelPair models)
    {
        _console = console;
        _models = models;
        _barWidth = console.Profile.Width switch { >= 120 => 20, >= 72 => 10, _ => 0 };
        _indent = "123  ".Length + (_barWidth > 0 ? _barWidth + 1 : 0) + "0.412  strong  123.4 µs  ".Length;
        _textWidth = console.Profile.Width - _indent - 1;
    }

    public void Start(IEnumerable<(string Label, string Text)> setup)
    {
        WriteFacts("RouteLLM.Net quickstart", setup);
        string probability = _barWidth > 0 ? "P(strong wins)".PadRight(_barWidth + 6) : "P    ";
        _console.Write($"{"#",3}  {probability}  route   {"decided",8}  prompt and answer", s_dim);
        _console.WriteLine();
    }

    public void Begin(string prompt)
    {
        _number++;
        _prompt = Excerpt.Of(prompt, _textWidth);
        _answer = new Excerpt(_textWidth);
        _isDecided = false;
        _isLineOpen = true;

        // Stands until the answer begins, and is then written over.
        WriteLine("waiting", s_dim);
    }

    public void Decided(RouteOutcome outcome)
    {
        _isDecided = true;
        Style style = outcome.Route == RoutedChatClient.StrongRoute ? s_strong : s_weak;
        _console.Write(new ControlCode("\r"));
        _console.Write($"{_number,3}  ");
        WriteBar(outcome, style);
        _console.Write($"{outcome.WinProbability?.ToString("0.000") ?? "-",5}  ");
        _console.Write($"{outcome.Route,-6}  ", style);
        _console.Write($"{Format.Time(outcome.DecisionTime),8}  ", s_dim);
        _console.Write(_prompt);
        foreach (RouteAttempt attempt in outcome.Attempts.Where(attempt => attempt.Error is not null))
        {
            WriteBelow(Excerpt.Of($"{attempt.Route} failed: {Failure.From(attempt.Error!, _models).Message}", _textWidth), s_error);
        }

        WriteBelow("", s_dim);
    }

    public void Answer(string text) => _console.Write(_answer.Append(text), s_dim);

    public void End()
    {
        if (!_isDecided)
        {
            WriteLine("no outcome", s_dim);
        }

        _console.WriteLine();
        _isLineOpen = false;
    }

    public void Fail(string message)
    {
        if (!_isDecided)
        {
            WriteLine("failed", s_error);
        }

        WriteBelow(Excerpt.Of(message, _textWidth), s_error);
        _console.WriteLine();
        _isLineOpen = false;
    }

    public void Finish(Tally tally)
    {
        if (_isLineOpen)
        {
            _console.WriteLine();
        }

        if (tally.Count > 0)
        {
            _console.WriteLine();
            WriteFacts("Summary", tally.Describe());
        }
    }

    /// <summary>Writes over the line with the prompt, a word in place of the decision.</summary>
    private void WriteLine(string state, Style style)
    {
        _console.Write(new ControlCode("\r"));
        _console.Write($"{_number,3}  {state.PadRight(_indent - 5)}", style);
        _console.Write(_prompt, style);
    }

    private void WriteBelow(string text, Style style)
    {
        _console.WriteLine();
        _console.Write(new string(' ', _indent) + text, style);
    }

    /// <summary>Draws the win probability as a bar with a notch at the threshold: strong is what reaches it.</summary>
    private void WriteBar(RouteOutcome outcome, Style style)
    {
        if (_barWidth == 0)
        {
            return;
        }

        int filled = (int)Math.Round((outcome.WinProbability ?? 0) * _barWidth);
        int notch = -1;
        if (outcome.Threshold is >= 0 and <= 1 and var threshold)
        {
            // However coarse the cells, the bar reaches the notch exactly when the probability reaches the threshold.
            notch = (int)Math.Min(threshold * _barWidth, _barWidth - 1);
            filled = outcome.WinProbability >= threshold ? Math.Max(filled, notch + 1) : Math.Min(filled, notch);
        }

        for (int i = 0; i < _barWidth; i++)
        {
            _console.Write(i == notch ? "┃" : "━", i < filled ? style : i == notch ? s_dim : s_faint);
        }

        _console.Write(" ");
    }

    private void WriteFacts(string title, IEnumerable<(string Label, string Text)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach ((string label, string text) in facts)
        {
            Style style = label switch { "strong" => s_strong, "weak" => s_weak, _ => s_dim };
            grid.AddRow(new Text(label, style), new Text(text, label == "saving" ? s_saving : Style.Plain));
        }

        _console.Write(new Panel(grid) { Header = new PanelHeader($"[bold grey58] {title} [/]"), Border = BoxBorder.Rounded, BorderStyle = s_faint, Padding = new Padding(1, 0) });
        _console.WriteLine();
    }
}
