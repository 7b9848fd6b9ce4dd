namespace RouteLLM.Tests.Baselines;

/// <summary>Prompts that nobody types and every service receives, by name: test runners alter unpaired surrogates.</summary>
internal static class OddPrompts
{
    private const int Megabyte = 1 << 20;

    public static IReadOnlyDictionary<string, string> ByName { get; } = new Dictionary<string, string>
    {
        ["empty"] = "",
        ["white space"] = " \t\r\n\u3000",
        ["NUL"] = "\0\0prove\0",
        ["unpaired high surrogate"] = "\uD83D",
        ["surrogates the wrong way round"] = "\uDE00\uD83D prove \uDE00",
        ["emoji"] = "👩‍👩‍👧‍👦🇩🇪",
        ["right to left"] = "مرحبا \u202Eprove\u202C שלום",
        ["1 MB of carets"] = new string('^', Megabyte),
        ["1 MB of one letter"] = new string('a', Megabyte),
        ["1 MB of unpaired surrogates"] = new string('\uD83D', Megabyte),
        ["1 MB of matches"] = string.Concat(Enumerable.Repeat("prove \n", Megabyte / 7)),
        ["1 MB of Japanese"] = string.Concat(Enumerable.Repeat("証明", Megabyte / 2)),
        ["1 MB within a phrase"] = "race" + new string(' ', Megabyte) + "condition",
    };

    public static TheoryData<string> Names { get; } = [.. ByName.Keys];
}
