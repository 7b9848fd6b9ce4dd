namespace RouteLLM.Quickstart;

/// <summary>Adds up a run: who answered, what it cost, what it would have cost, and how long deciding took.</summary>
internal sealed class Tally(Settings settings, ModelPair models)
{
    private readonly List<TimeSpan> _decisionTimes = [];
    private long _inputTokens;
    private long _outputTokens;
    private int _reported;
    private int _failedOver;
    private double? _threshold;

    /// <summary>Gets how many prompts were answered.</summary>
    public int Count { get; private set; }

    /// <summary>Gets how many of them the strong model answered.</summary>
    public int Strong { get; private set; }

    /// <summary>Gets how many prompts no model answered.</summary>
    public int Failures { get; private set; }

    /// <summary>Gets the cost in USD.</summary>
    public double Cost { get; private set; }

    /// <summary>Gets what it would have cost in USD if the strong model had answered every prompt, with as many tokens.</summary>
    public double AlwaysStrongCost { get; private set; }

    public double StrongShare => Count == 0 ? 0 : (double)Strong / Count;

    public void AddFailure() => Failures++;

    public void Add(Turn turn)
    {
        RouteOutcome? outcome = turn.Outcome;
        bool strong = outcome?.Route == RoutedChatClient.StrongRoute;

        // A stand-in's text says nothing about the length of a real answer.
        long outputTokens = models.AreStandIns ? settings.MaxOutputTokens : turn.OutputTokens;
        Count++;
        Strong += strong ? 1 : 0;
        Cost += (strong ? settings.StrongPrice : settings.WeakPrice).Of(turn.InputTokens, outputTokens);
        AlwaysStrongCost += settings.StrongPrice.Of(turn.InputTokens, outputTokens);
        _inputTokens += turn.InputTokens;
        _outputTokens += outputTokens;
        _reported += turn.IsUsageReported ? 1 : 0;
        if (outcome is not null)
        {
            _decisionTimes.Add(outcome.DecisionTime);
            _failedOver += outcome.FailedOver ? 1 : 0;
            _threshold = outcome.Threshold ?? _threshold;
        }
    }

    /// <summary>Gives the percentile by nearest rank: the smallest decision time that at least <paramref name="percent"/> percent do not exceed.</summary>
    public TimeSpan DecisionTime(int percent)
    {
        TimeSpan[] sorted = [.. _decisionTimes.Order()];
        return sorted.Length == 0 ? TimeSpan.Zero : sorted[Math.Max((int)Math.Ceiling(sorted.Length * percent / 100.0), 1) - 1];
    }

    /// <summary>Says it all in lines of a label and a text.</summary>
    public IEnumerable<(string Label, string Text)> Describe()
    {
        string aim = settings.StrongShare is { } share ? $"; {share:0.0%} asked for, of everyday traffic rather than of these prompts" : "";
        yield return ("strong share", $"{StrongShare:0.0%} ({Strong} of {Format.Count(Count, "prompt")}{aim})");
        yield return ("threshold", $"{_threshold?.ToString("0.0000") ?? "none was applied"}");
        yield return ("cost", $"{Usd(Cost)} instead of {Usd(AlwaysStrongCost)} with every prompt to {models.StrongModel}");
        yield return ("saving", AlwaysStrongCost > 0 ? $"{1 - (Cost / AlwaysStrongCost):0.0%}, estimated with the same number of tokens for either model" : "none, since the strong model is free");
        yield return ("tokens", $"{_inputTokens:N0} in, {_outputTokens:N0} out, {DescribeTokens()}");
        string first = _decisionTimes is [var time, _, ..] ? $"; the first, whose code had yet to be compiled, took {Format.Time(time)}" : "";
        yield return ("decision time", $"p50 {Format.Time(DecisionTime(50))}, p99 {Format.Time(DecisionTime(99))} over {Format.Count(_decisionTimes.Count, "decision")}{first}");
        if (_failedOver > 0)
        {
            yield return ("failed over", $"{_failedOver} of {Format.Count(Count, "answer")} came from the other model, because the first failed");
        }

        if (Failures > 0)
        {
            yield return ("failed", $"{Failures} of {Format.Count(Count + Failures, "prompt")} got no answer and are not counted above");
        }
    }

    private string DescribeTokens() =>
        models.AreStandIns ? $"both estimated: a quarter of the prompts' bytes, and {settings.MaxOutputTokens} an answer, since stand-ins do not really answer"
        : _reported == Count ? "as the provider counted them"
        : $"estimated as a quarter of the bytes for {Count - _reported} of {Format.Count(Count, "answer")}, for which the provider reported none";

    private static string Usd(double amount) => $"${amount:0.00####}";
}
