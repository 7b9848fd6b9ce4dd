using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;

namespace RouteLLM.Quickstart;

/// <summary>Reads the command line, runs the program, and turns what went wrong into a message and an exit code.</summary>
internal static class CommandLine
{
    private static readonly Argument<string[]> s_prompts = new("prompt")
    {
        Description = "Prompts to route; - reads them from standard input, one a line. Without any, those piped in, else the file that comes with the sample.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string?> s_promptsFile = new("--prompts")
    {
        Description = "A file of prompts: one a line, or with the extension .jsonl one {\"prompt\": \"...\"} a line.",
        HelpName = "FILE",
    };

    private static readonly Option<double?> s_strongShare = Probability("--strong-share", $"The share of prompts for the strong model, in [0, 1]. [default: {Settings.DefaultStrongShare:0.00}]");
    private static readonly Option<double?> s_threshold = Probability("--threshold", "Instead of a share: strong when the win probability is at least this, in [0, 1].");
    private static readonly Option<Price?> s_strongPrice = PriceOf("--strong-price", "strong", Settings.DefaultStrongPrice);
    private static readonly Option<Price?> s_weakPrice = PriceOf("--weak-price", "weak", Settings.DefaultWeakPrice);

    private static readonly Option<int> s_maxOutputTokens = new("--max-output-tokens")
    {
        Description = "The most tokens of an answer. A stand-in's answer is counted as this many.",
        HelpName = "N",
        CustomParser = result =>
        {
            if (!int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value == 0)
            {
                result.AddError($"--max-output-tokens is '{result.Tokens[0].Value}', but must be a whole number, at least 1.");
            }

            return value;
        },
        DefaultValueFactory = _ => Settings.DefaultMaxOutputTokens,
    };

    private static readonly Option<string?> s_strongModel = Text("--strong-model", "NAME", "The strong model. [environment: STRONG_MODEL]");
    private static readonly Option<string?> s_weakModel = Text("--weak-model", "NAME", "The weak model. [environment: WEAK_MODEL]");
    private static readonly Option<string?> s_endpoint = Text("--endpoint", "URL", "An OpenAI-compatible endpoint. [environment: OPENAI_BASE_URL; default: OpenAI's]");
    private static readonly Option<string?> s_apiKey = Text("--api-key", "KEY", "The endpoint's key; the environment is the safer place for it. [environment: OPENAI_API_KEY]");
    private static readonly Option<string?> s_ollama = Text("--ollama", "URL", "Call models of this Ollama server. [environment: OLLAMA_HOST]");
    private static readonly Option<bool> s_offline = new("--offline") { Description = "Use the offline stand-ins whatever the environment says." };
    private static readonly Option<bool> s_plain = new("--plain") { Description = "Write plain text, one record a line, as in a pipe." };
    private static readonly Option<bool> s_verbose = new("--verbose") { Description = "Write the library's log to standard error." };

    /// <summary>Runs the program.</summary>
    /// <returns>The exit code: see <see cref="ExitCodes"/>.</returns>
    public static async Task<int> InvokeAsync(string[] args, Func<Settings, CancellationToken, Task<int>> run)
    {
        Console.OutputEncoding = Encoding.UTF8;
        ParseResult result = Parse(args, (settings, cancellationToken) => RunAsync(run, settings, cancellationToken));
        if (result.Action is ParseErrorAction parseError)
        {
            // The errors say what to do; a page of help below would hide them.
            parseError.ShowHelp = false;
        }

        return await result.InvokeAsync();
    }

    internal static ParseResult Parse(string[] args, Func<Settings, CancellationToken, Task<int>> run)
    {
        var command = new RootCommand("Routes prompts to a strong or a weak model, and shows where each went, why, and what that saves.")
        {
            s_prompts, s_promptsFile, s_strongShare, s_threshold, s_strongModel, s_weakModel, s_endpoint, s_apiKey, s_ollama, s_offline,
            s_strongPrice, s_weakPrice, s_maxOutputTokens, s_plain, s_verbose,
        };
        command.Validators.Add(result => Validate(result, args));
        command.SetAction((result, cancellationToken) => run(Read(result), cancellationToken));

        // Prompts are text: "[draft] ..." is no directive and "@ann ..." no file of arguments.
        command.Directives.Clear();
        return command.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    private static async Task<int> RunAsync(Func<Settings, CancellationToken, Task<int>> run, Settings settings, CancellationToken cancellationToken)
    {
        // System.CommandLine waits, after Ctrl-C, only for an action that has returned its task.
        await Task.Yield();
        try
        {
            return await run(settings, cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("interrupted");
            return ExitCodes.Interrupted;
        }
        catch (Exception error) when (error is SetupException or OptionsValidationException)
        {
            await Console.Error.WriteLineAsync($"error: {error.Message}");
            return ExitCodes.Failure;
        }
    }

    private static Settings Read(ParseResult result)
    {
        double? threshold = result.GetValue(s_threshold);
        return new Settings
        {
            Prompts = result.GetValue(s_prompts) ?? [],
            PromptsFile = result.GetValue(s_promptsFile),
            StrongShare = result.GetValue(s_strongShare) ?? (threshold is null ? Settings.DefaultStrongShare : null),
            Threshold = threshold,
            StrongModel = result.GetValue(s_strongModel),
            WeakModel = result.GetValue(s_weakModel),
            Endpoint = result.GetValue(s_endpoint),
            ApiKey = result.GetValue(s_apiKey),
            Ollama = result.GetValue(s_ollama),
            Offline = result.GetValue(s_offline),
            StrongPrice = result.GetValue(s_strongPrice) ?? Settings.DefaultStrongPrice,
            WeakPrice = result.GetValue(s_weakPrice) ?? Settings.DefaultWeakPrice,
            MaxOutputTokens = result.GetValue(s_maxOutputTokens),
            Plain = result.GetValue(s_plain),
            Verbose = result.GetValue(s_verbose),
        };
    }

    private static void Validate(CommandResult result, string[] args)
    {
        // The prompts would swallow a misspelt option. What holds a blank, or comes after --, is a prompt whatever it begins with.
        foreach (string prompt in result.GetValue(s_prompts) ?? [])
        {
            if (prompt.Length > 1 && prompt[0] == '-' && !prompt.Any(char.IsWhiteSpace) && args.TakeWhile(arg => arg != "--").Contains(prompt))
            {
                result.AddError($"There is no option '{prompt}'; see --help. A prompt that begins with a dash goes after --.");
            }
        }

        AtMostOne(result, s_strongShare, s_threshold);
        AtMostOne(result, s_prompts, s_promptsFile);
        AtMostOne(result, s_endpoint, s_ollama, s_offline);
        AtMostOne(result, s_apiKey, s_ollama, s_offline);
    }

    private static void AtMostOne(CommandResult result, params ReadOnlySpan<Symbol> symbols)
    {
        List<string> given = [];
        foreach (Symbol symbol in symbols)
        {
            switch (symbol)
            {
                case Argument argument when result.GetResult(argument) is { Tokens.Count: > 0 }:
                    given.Add("prompts as arguments");
                    break;
                case Option option when result.GetResult(option) is { Implicit: false }:
                    given.Add(option.Name);
                    break;
            }
        }

        if (given.Count > 1)
        {
            result.AddError($"Give either {string.Join(" or ", given)}, not both.");
        }
    }

    private static Option<string?> Text(string name, string helpName, string description) => new(name) { HelpName = helpName, Description = description };

    private static Option<double?> Probability(string name, string description) => new(name)
    {
        HelpName = "P",
        Description = description,
        CustomParser = result =>
        {
            if (double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1)
            {
                return value;
            }

            result.AddError($"{name} is '{result.Tokens[0].Value}', but must be a number in [0, 1], such as 0.3.");
            return null;
        },
    };

    private static Option<Price?> PriceOf(string name, string model, Price defaultPrice) => new(name)
    {
        HelpName = "IN/OUT",
        Description = $"Price of the {model} model in USD per million input and output tokens. [default: {defaultPrice.Input}/{defaultPrice.Output}]",
        CustomParser = result =>
        {
            if (!Price.TryParse(result.Tokens[0].Value, out Price price))
            {
                result.AddError($"{name} is '{result.Tokens[0].Value}', but must be two prices in USD per million tokens, such as {defaultPrice.Input}/{defaultPrice.Output}.");
            }

            return price;
        },
    };
}
