using System.IO.Compression;
using System.Text.Json;
using static RouteLLM.Tests.Safety.LabelledTexts;

namespace RouteLLM.Tests.Safety;

/// <summary>How well prompt injection is found, on labelled lists that are made up.</summary>
/// <remarks>
/// The patterns were first written with <c>injection.tsv</c> in view (precision 1, recall .85); on <c>injection-fresh.tsv</c>, labelled after them, they had a precision of .57 and a recall of .22, and were broadened with that list in view too.
/// <c>injection-unseen.tsv</c> was labelled before that (.88 and .23 then), and nothing was changed after the run on it: it is the list to expect from.
/// </remarks>
public class PromptInjectionAccuracyTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("injection.tsv", 0.99, 0.84)]
    [InlineData("injection-fresh.tsv", 0.99, 0.94)]
    [InlineData("injection-unseen.tsv", 0.99, 0.56)]
    public void Precision_and_recall_on_the_labelled_lists_are_what_the_documentation_says(string file, double precision, double recall)
    {
        (bool IsThere, bool IsFound, string Text)[] rows = [.. Read(file).Select(row => (row.Labels.Count > 0, PromptInjectionClassifier.Score(row.Text) >= 0.5, row.Text))];
        Accuracy accuracy = Count(rows.Select(row => (row.IsThere, row.IsFound)));
        output.WriteLine($"{file,-20}  right  wrong  missed  precision  recall");
        output.WriteLine($"{rows.Length,-20}  {accuracy}");
        foreach ((bool isThere, _, string text) in rows.Where(row => row.IsThere != row.IsFound))
        {
            output.WriteLine($"{(isThere ? "missed" : "wrong")}: {text}");
        }

        Assert.InRange(accuracy.Precision, precision, 1);
        Assert.InRange(accuracy.Recall, recall, 1);
    }

    [Fact]
    public void Chat_prompts_without_attacks_raise_no_alarm()
    {
        string? data = FindData();
        Assert.SkipWhen(data is null, "The folder shared/data, with prompts that are not part of the project, is not beside the repository.");

        string[] found = [.. ReadPrompts(data).Where(prompt => PromptInjectionClassifier.Score(prompt) > 0)];

        Assert.True(found.Length == 0, string.Join("\n", found));
    }

    private static string? FindData()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", "chat.jsonl.gz");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }

    private static IEnumerable<string> ReadPrompts(string path)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is { } line)
        {
            using JsonDocument row = JsonDocument.Parse(line);
            yield return row.RootElement.GetProperty("prompt").GetString()!;
        }
    }
}
