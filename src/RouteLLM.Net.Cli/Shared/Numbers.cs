using System.CommandLine;
using System.Globalization;

namespace RouteLLM.Cli;

/// <summary>Options that are numbers within bounds, written as everywhere: with a point, whatever the system's language.</summary>
internal static class Numbers
{
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

    public static Option<double?> Share(string name, string description) => new(name)
    {
        HelpName = "P",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || value is not (>= 0 and <= 1))
            {
                result.AddError($"{name} is '{text}', but must be a number from 0 to 1.");
                return null;
            }

            return value;
        },
    };
}
