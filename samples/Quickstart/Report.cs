using Spectre.Console;

namespace RouteLLM.Quickstart;

/// <summary>Shows a run as it goes.</summary>
internal interface IReport
{
    /// <summary>Shows what will be done.</summary>
    void Start(IEnumerable<(string Label, string Text)> setup);

    /// <summary>Shows that a prompt has been sent.</summary>
    void Begin(string prompt);

    /// <summary>Shows where it went.</summary>
    void Decided(RouteOutcome outcome);

    /// <summary>Shows the next piece of the answer.</summary>
    void Answer(string text);

    /// <summary>Shows that the answer is complete.</summary>
    void End();

    /// <summary>Shows that there is no answer, or no more of it.</summary>
    void Fail(string message);

    /// <summary>Shows what it all came to.</summary>
    void Finish(Tally tally);
}

/// <summary>Chooses how to show a run, and words what both ways show.</summary>
internal static class Report
{
    /// <summary>A report with colours for a terminal, a plain one for a pipe, a file or a terminal too simple or too narrow.</summary>
    public static IReport Create(Settings settings, ModelPair models) =>
        settings.Plain || Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Ansi || AnsiConsole.Profile.Width < TerminalReport.MinWidth
            ? new PlainReport(Console.Out, models)
            : new TerminalReport(AnsiConsole.Console, models);

    public static IEnumerable<(string Label, string Text)> DescribeSetup(Settings settings, ModelPair models, PromptSource prompts)
    {
        yield return ("models", models.Address is { } address
            ? $"called at {address}"
            : "offline stand-ins: no model is called. Set OPENAI_API_KEY or OLLAMA_HOST, or see --help, to call real ones");
        yield return ("strong", $"{models.StrongModel}, {settings.StrongPrice} per million tokens{Default(settings.StrongPrice == Settings.DefaultStrongPrice)}");
        yield return ("weak", $"{models.WeakModel}, {settings.WeakPrice} per million tokens{Default(settings.WeakPrice == Settings.DefaultWeakPrice)}");
        yield return ("policy", settings.StrongShare is { } share
            ? $"{share:0.0%} of everyday traffic to the strong model"
            : $"the strong model if its win probability is at least {settings.Threshold}");
        yield return ("prompts", prompts.Description);
    }

    private static string Default(bool isDefault) => isDefault ? " (the default price)" : "";
}
