using System.CommandLine;
using System.Globalization;

namespace RouteLLM.Cli;

/// <summary>Options that are numbers within bounds, written as everywhere: with a point, whatever the system's language.</summary>
internal static class Numbers
{
    /// <summary>Makes an option that is a number within bounds, or not given.</summary>
    /// <param name="name">The option's name.</param>
    /// <param name="isAllowed">Says whether the number is within the bounds.</param>
    /// <param name="expected">What is expected, such as <c>a share in [0, 1]</c>.</param>
    /// <param name="description">The option's description.</param>
    public static Option<double?> Real(string name, Func<double, bool> isAllowed, string expected, string description) => new(name)
    {
        HelpName = "X",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && isAllowed(value))
            {
                return value;
            }

            result.AddError($"{name} is '{text}', but must be {expected}.");
            return null;
        },
    };

    public static Option<int> Between(string name, int minimum, int maximum, string description, int defaultValue) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => defaultValue,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) || value < minimum || value > maximum)
            {
                result.AddError($"{name} is '{text}', but must be a whole number {(maximum == int.MaxValue ? $"of at least {minimum}" : $"from {minimum} to {maximum}")}.");
            }

            return value;
        },
    };

    /// <summary>Makes an option of a number in [0, 1], which may be left out.</summary>
    public static Option<double?> Fraction(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        CustomParser = result => Parse(name, result.Tokens[0].Value, 0, 1, result.AddError),
    };

    /// <summary>Makes an option of any number of numbers in [0, 1].</summary>
    public static Option<double[]> Fractions(string name, string helpName, string description) => new(name)
    {
        HelpName = helpName,
        Description = description,
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.Select(token => Parse(name, token.Value, 0, 1, result.AddError)).OfType<double>()],
    };

    /// <summary>Makes an option of a number of at least a minimum.</summary>
    public static Option<double?> AtLeast(string name, double minimum, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result => Parse(name, result.Tokens[0].Value, minimum, double.MaxValue, result.AddError),
    };

    private static double? Parse(string name, string text, double minimum, double maximum, Action<string> addError)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= minimum && value <= maximum)
        {
            return value;
        }

        string expected = string.Create(CultureInfo.InvariantCulture, $"a number {(maximum == double.MaxValue ? $"of at least {minimum}" : $"from {minimum} to {maximum}")}");
        addError($"{name} is '{text}', but must be {expected}.");
        return null;
    }
}
