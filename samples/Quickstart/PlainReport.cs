namespace RouteLLM.Quickstart;

/// <summary>Plain text for a pipe or a file: one record a line, its fields separated by tabs; other lines begin with <c>#</c>.</summary>
internal sealed class PlainReport(TextWriter output, ModelPair models) : IReport
{
    private const int TextWidth = 100;

    private int _number;
    private string _prompt = "";
    private bool _isDecided;
    private Excerpt _answer = NewAnswer();

    public void Start(IEnumerable<(string Label, string Text)> setup)
    {
        output.WriteLine("# RouteLLM.Net quickstart");
        WriteFacts(setup);
        output.WriteLine("#");
        output.WriteLine("# number\troute\twin probability\tdecision time in µs\tprompt\tanswer");
        output.Flush();
    }

    public void Begin(string prompt)
    {
        _number++;
        _prompt = prompt;
        _isDecided = false;
        _answer = NewAnswer();
    }

    public void Decided(RouteOutcome outcome)
    {
        _isDecided = true;
        WriteFields(outcome.Route, outcome.WinProbability?.ToString("0.0000") ?? "-", outcome.DecisionTime.TotalMicroseconds.ToString("0.0"));
        foreach (RouteAttempt attempt in outcome.Attempts.Where(attempt => attempt.Error is not null))
        {
            Answer($"[{attempt.Route} failed: {Failure.From(attempt.Error!, models).Message}] ");
        }
    }

    public void Answer(string text)
    {
        output.Write(_answer.Append(text));
        output.Flush();
    }

    public void End()
    {
        if (!_isDecided)
        {
            WriteFields("-", "-", "-");
        }

        output.WriteLine();
        output.Flush();
    }

    public void Fail(string message)
    {
        if (!_isDecided)
        {
            WriteFields("failed", "-", "-");
            _isDecided = true;
        }

        output.Write($"[failed: {message}]");
        End();
    }

    public void Finish(Tally tally)
    {
        if (tally.Count > 0)
        {
            output.WriteLine("#");
            WriteFacts(tally.Describe());
            output.Flush();
        }
    }

    private static Excerpt NewAnswer() => new(TextWidth, "...");

    private void WriteFields(string route, string probability, string microseconds) =>
        output.Write($"{_number}\t{route}\t{probability}\t{microseconds}\t{Excerpt.Of(_prompt, TextWidth, "...")}\t");

    private void WriteFacts(IEnumerable<(string Label, string Text)> facts)
    {
        foreach ((string label, string text) in facts)
        {
            output.WriteLine($"# {label}: {text}");
        }
    }
}
