using System.Runtime.CompilerServices;

namespace RouteLLM;

/// <summary>Checks win probabilities that callers give.</summary>
internal static class Probability
{
    /// <summary>Gives the probability back, or throws where it is none.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is NaN or not in [0, 1].</exception>
    public static double Checked(double value, [CallerArgumentExpression(nameof(value))] string? parameterName = null) =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(parameterName, value, "A win probability is a number in [0, 1]: 0 for surely weak, 1 for surely strong.");
}
