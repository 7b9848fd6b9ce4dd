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
}
