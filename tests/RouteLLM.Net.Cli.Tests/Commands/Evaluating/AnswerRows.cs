using System.Globalization;

namespace RouteLLM.Cli.Tests.Commands.Evaluating;

/// <summary>Rows whose long prompts need the strong model, so that the length router is right about all of them.</summary>
internal static class AnswerRows
{
    public const string Strong = "big", Weak = "small";

    /// <summary>The options that every command that measures needs for these rows.</summary>
    public static string[] Options(string path) => ["--data", path, "--strong", Strong, "--weak", Weak, "--resamples", "50"];

    public static string Write(TemporaryFolder folder, string name = "rows.jsonl", int count = 80, bool hasCosts = true) =>
        folder.Write(name, string.Concat(Enumerable.Range(0, count).Select(i => Line(i, hasCosts) + "\n")));

    private static string Line(int i, bool hasCosts)
    {
        bool isHard = i % 4 == 0;
        string prompt = new string('x', (isHard ? 400 : 20) + i) + " <b>";
        string cost = hasCosts ? """, "cost":{"big":0.02,"small":0.01}""" : "";
        return string.Create(CultureInfo.InvariantCulture, $$"""{"id":"{{i}}","source":"set/{{(i % 2 == 0 ? "even" : "odd")}}","split":"{{(i % 5 == 0 ? "train" : "eval")}}","prompt":"{{prompt}}","scores":{"big":1,"small":{{(isHard ? 0 : 1)}}}{{cost}}}""");
    }
}
