namespace RouteLLM.Quickstart;

internal static class Format
{
    /// <summary>Writes a time with three digits or so in the unit that suits it.</summary>
    public static string Time(TimeSpan time) => time.TotalMicroseconds switch
    {
        < 100 and var us => $"{us:0.0} µs",
        < 1000 and var us => $"{us:0} µs",
        < 100_000 and var us => $"{us / 1000:0.0} ms",
        var us => $"{us / 1000:0} ms",
    };

    /// <summary>Writes a number of things: <c>1 prompt</c>, <c>2 prompts</c>.</summary>
    public static string Count(int count, string thing) => $"{count:N0} {thing}{(count == 1 ? "" : "s")}";
}
