using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.CompilerServices;

namespace RouteLLM.Cli;

/// <summary>Prompts that a command reads one by one: from its arguments, from a file, or from standard input.</summary>
internal sealed class PromptInput
{
    private readonly Argument<string[]> _prompts = new("prompt")
    {
        Description = "Prompts; - reads them from standard input, one a line, as does giving none when input is piped in. One that begins with a dash goes after --.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _file = new("--prompts") { Description = "A file of prompts: one a line, or with the extension .jsonl one {\"prompt\": \"...\"} a line.", HelpName = "FILE" };
    private readonly Terminal _terminal;

    public PromptInput(Command command, Terminal terminal)
    {
        _terminal = terminal;
        command.Add(_prompts);
        command.Add(_file);
        command.Validators.Add(Validate);
    }

    /// <summary>Gives the prompts, those of a file or of standard input as they come. Blank lines are skipped.</summary>
    /// <exception cref="ToolException">There are none.</exception>
    public async IAsyncEnumerable<string> ReadAsync(ParseResult result, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        CheckForOptions(result);
        if (result.GetValue(_prompts) is { Length: > 0 } prompts && prompts is not [InputFile.Standard])
        {
            foreach (string prompt in prompts)
            {
                yield return prompt;
            }

            yield break;
        }

        string path = result.GetValue(_file) ?? InputFile.Standard;
        using InputFile file = InputFile.Open(path, _terminal);
        bool isJson = Path.GetFileName(path).Contains(".jsonl", StringComparison.OrdinalIgnoreCase);
        int count = 0;

        for (int number = 1; await ReadLineAsync(file, number, cancellationToken) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                count++;
                yield return isJson ? PromptRowReader.ParsePrompt(line, file.Name, number) : line;
            }
        }

        if (count == 0)
        {
            throw new ToolException($"There are no prompts in {file.Name}; one a line is expected.");
        }
    }

    // Reading a terminal or a pipe blocks, whatever the cancellation token says.
    private static Task<string?> ReadLineAsync(InputFile file, int number, CancellationToken cancellationToken) =>
        Task.Run(() => file.ReadLine(number), cancellationToken).WaitAsync(cancellationToken);

    private void Validate(CommandResult result)
    {
        bool hasPrompts = result.GetValue(_prompts) is { Length: > 0 };
        bool hasFile = result.GetResult(_file) is { Implicit: false };
        if (hasFile && hasPrompts)
        {
            result.AddError("Give either prompts or --prompts, not both.");
        }
        else if (!hasFile && !hasPrompts && _terminal.IsInputTerminal)
        {
            result.AddError("Give a prompt, or - to type prompts, one a line.");
        }
    }

    /// <summary>Refuses options that do not exist, which are prompts to the parser.</summary>
    private void CheckForOptions(ParseResult result)
    {
        // What holds a blank, or comes after --, is a prompt whatever it begins with.
        IEnumerable<string> suspects = result.Tokens.TakeWhile(static token => token.Type != TokenType.DoubleDash).Select(static token => token.Value);
        string? option = result.GetValue(_prompts)!.FirstOrDefault(prompt => prompt.Length > 1 && prompt[0] == '-' && !prompt.Any(char.IsWhiteSpace) && suspects.Contains(prompt));
        if (option is not null)
        {
            throw new UsageException($"{UsageErrors.DescribeUnknown(option, result.CommandResult.Command)} A prompt that begins with a dash goes after --.");
        }
    }
}
