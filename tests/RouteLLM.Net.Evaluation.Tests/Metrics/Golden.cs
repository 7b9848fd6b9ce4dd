using System.Text.Json;

namespace RouteLLM.Evaluation.Tests;

/// <summary>Numbers that came out of the reference implementations, with NaN and infinities written as strings.</summary>
internal static class Golden
{
    public const double Tolerance = 1e-9;

    public static JsonElement Load(string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Metrics", "golden", name)));
        return document.RootElement.Clone();
    }

    public static double Number(JsonElement value) => value.ValueKind != JsonValueKind.String ? value.GetDouble() : value.GetString() switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        var other => throw new FormatException(other),
    };

    public static double Number(JsonElement parent, string property) => Number(parent.GetProperty(property));

    public static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(Number)];

    public static (double X, double Y)[] Pairs(JsonElement array) => [.. array.EnumerateArray().Select(static pair => (Number(pair[0]), Number(pair[1])))];

    public static void Equal(double expected, double actual, string what)
    {
        // Equal covers NaN and infinities, which have no distance.
        if (!expected.Equals(actual))
        {
            Assert.True(Math.Abs(expected - actual) <= Tolerance, $"{what}: expected {expected:R}, got {actual:R}.");
        }
    }

    public static void Equal((double X, double Y)[] expected, IReadOnlyList<(double X, double Y)> actual, string what)
    {
        Assert.True(expected.Length == actual.Count, $"{what}: expected {expected.Length} points, got {actual.Count}.");
        for (int i = 0; i < expected.Length; i++)
        {
            Equal(expected[i].X, actual[i].X, what);
            Equal(expected[i].Y, actual[i].Y, what);
        }
    }
}
