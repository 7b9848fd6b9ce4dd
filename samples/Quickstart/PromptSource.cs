using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RouteLLM.Quickstart;

/// <summary>Where the prompts come from: arguments, a file, or standard input, which is read while prompts are being routed.</summary>
internal sealed class PromptSource
{
    /// <summary>How long piped input may keep silent before the sample's own prompts are taken: a pipe that nobody writes to must not hang the program.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    private readonly IReadOnlyList<string> _prompts;
    private readonly TextReader? _more;

    private PromptSource(string description, IReadOnlyList<string> prompts, TextReader? more = null)
    {
        Description = description;
        _prompts = prompts;
        _more = more;
    }

    /// <summary>Gets how many prompts there are and where they are from, in words.</summary>
    public string Description { get; }

    /// <summary>Finds the prompts.</summary>
    /// <exception cref="SetupException">The file cannot be read, or there are no prompts in it.</exception>
    public static async Task<PromptSource> OpenAsync(Settings settings, CancellationToken cancellationToken)
    {
        if (settings.Prompts is ["-"])
        {
            return new PromptSource("standard input", [], OpenStandardInput());
        }

        if (settings.Prompts.Count > 0)
        {
            return new PromptSource($"{settings.Prompts.Count} from the command line", settings.Prompts);
        }

        string note = "";
        if (settings.PromptsFile is null && Console.IsInputRedirected)
        {
            TextReader input = OpenStandardInput();
            Task<string?> first = ReadPromptAsync(input, cancellationToken);
            if (await Task.WhenAny(first, Task.Delay(s_patience, cancellationToken)) != first)
            {
                note = $" (standard input was silent for {s_patience.TotalSeconds} s; - would have waited for it)";
            }
            else if (await first is { } prompt)
            {
                return new PromptSource("standard input", [prompt], input);
            }
        }

        string file = settings.PromptsFile ?? Path.Combine(AppContext.BaseDirectory, "prompts.jsonl");
        List<string> prompts = await ReadFileAsync(file, cancellationToken);
        return new PromptSource($"{prompts.Count} from {settings.PromptsFile ?? "prompts.jsonl, which comes with the sample"}{note}", prompts);
    }

    /// <summary>Gives the prompts, those of standard input as they come.</summary>
    /// <exception cref="SetupException">Standard input ended without any.</exception>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (string prompt in _prompts)
        {
            yield return prompt;
        }

        int count = _prompts.Count;
        while (_more is not null && await ReadPromptAsync(_more, cancellationToken) is { } prompt)
        {
            count++;
            yield return prompt;
        }

        if (count == 0)
        {
            throw new SetupException("There are no prompts on standard input; one a line is expected.");
        }
    }

    /// <summary>Reads a file of prompts: JSON lines if its name ends in <c>.jsonl</c>, else one prompt a line. Blank lines are skipped.</summary>
    /// <exception cref="SetupException">The file cannot be read, a line of it is malformed, or there are no prompts in it.</exception>
    internal static async Task<List<string>> ReadFileAsync(string file, CancellationToken cancellationToken)
    {
        string[] lines;
        try
        {
            lines = await File.ReadAllLinesAsync(file, cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new SetupException($"The prompts in '{file}' cannot be read. {error.Message}");
        }

        bool isJson = file.EndsWith(".jsonl", StringComparison.OrdinalIgnoreCase);
        var prompts = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                prompts.Add(isJson ? ParseLine(lines[i], file, i + 1) : lines[i]);
            }
        }

        return prompts.Count > 0 ? prompts : throw new SetupException($"There are no prompts in '{file}'.");
    }

    private static string ParseLine(string line, string file, int number)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(line);
            return json.RootElement.GetProperty("prompt").GetString() ?? throw new KeyNotFoundException();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new SetupException($"Line {number} of '{file}' is no JSON object with a text named \"prompt\", such as {{\"prompt\": \"Hello\"}}.");
        }
    }

    private static StreamReader OpenStandardInput() => new(Console.OpenStandardInput());

    private static async Task<string?> ReadPromptAsync(TextReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Reading a terminal or a pipe blocks, whatever the cancellation token says.
            string? line = await Task.Run(reader.ReadLine, cancellationToken).WaitAsync(cancellationToken);
            if (line is null || !string.IsNullOrWhiteSpace(line))
            {
                return line;
            }
        }
    }
}
