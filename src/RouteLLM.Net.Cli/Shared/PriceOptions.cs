using System.CommandLine;
using System.Globalization;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli;

/// <summary>The options that say what models cost and how many tokens a typical request takes.</summary>
internal sealed class PriceOptions
{
    private const string Form = "MODEL=INPUT/OUTPUT or MODEL=INPUT/OUTPUT/CACHED in USD per million tokens, such as strong=2/8";

    private readonly Option<string[]> _prices = new("--prices")
    {
        Description = $"Prices of both models, {Form}; MODEL is a name, or strong and weak. Several are parted by commas or blanks.",
        HelpName = "PRICES",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<int?> _input = CountOf("--input-tokens", "The input tokens of a typical request.");
    private readonly Option<int?> _output = CountOf("--output-tokens", "The output tokens of a typical request.");
    private readonly Option<int?> _cached = CountOf("--cached-tokens", "How many of the input tokens are read from the provider's cache.");

    public PriceOptions(Command command)
    {
        foreach (Option option in new Option[] { _prices, _input, _output, _cached })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            int? input = result.GetValue(_input), output = result.GetValue(_output), cached = result.GetValue(_cached);
            if (cached > (input ?? 0))
            {
                result.AddError("--cached-tokens is more than --input-tokens, of which it is a part.");
            }
            else if (input is null != output is null)
            {
                result.AddError("Give --input-tokens and --output-tokens both, or neither.");
            }
        });
    }

    /// <summary>Gives the tokens of a typical request, or <see langword="null"/> if they were not given.</summary>
    public TokenUsage? Tokens(ParseResult result) =>
        result.GetValue(_input) is { } input && result.GetValue(_output) is { } output ? new TokenUsage(input, output, result.GetValue(_cached) ?? 0) : null;

    /// <summary>Reads the prices, by the models' names.</summary>
    /// <exception cref="UsageException">They are malformed, or of models that are neither the strong nor the weak one.</exception>
    public IReadOnlyDictionary<string, TokenPrice> Read(ParseResult result, string strongModel, string weakModel)
    {
        var prices = new Dictionary<string, TokenPrice>();
        foreach (string entry in (result.GetValue(_prices) ?? []).SelectMany(static token => token.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            // Names of models hold slashes and colons, but prices do not hold an equals sign.
            int equals = entry.LastIndexOf('=');
            string name = equals > 0 ? entry[..equals] : "";
            string model = name == RoutedChatClient.StrongRoute ? strongModel : name == RoutedChatClient.WeakRoute ? weakModel : name;
            if (model.Length == 0 || Parse(entry[(equals + 1)..]) is not { } price)
            {
                throw new UsageException($"--prices has '{entry}', but {Form} is expected.");
            }

            if (model != strongModel && model != weakModel)
            {
                throw new UsageException($"--prices has a price of '{model}', but the models are '{strongModel}' and '{weakModel}'.");
            }

            if (!prices.TryAdd(model, price))
            {
                throw new UsageException($"--prices has two prices of '{model}'.");
            }
        }

        return prices;
    }

    private static TokenPrice? Parse(string text)
    {
        string[] parts = text.Split('/');
        var numbers = new decimal[parts.Length];
        return parts.Length is 2 or 3 && parts.Index().All(part => decimal.TryParse(part.Item.TrimStart('$'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out numbers[part.Index]))
            ? new TokenPrice(numbers[0], numbers[1], parts.Length == 3 ? numbers[2] : null)
            : null;
    }

    private static Option<int?> CountOf(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value))
            {
                return value;
            }

            result.AddError($"{name} is '{text}', but must be a whole number.");
            return null;
        },
    };
}
