using System.Globalization;

namespace RouteLLM.Tests.Safety;

/// <summary>How well personal data is found, on a labelled list: <c>dotnet run --project tests/RouteLLM.Net.Tests -- -class "*PiiAccuracyTests" -showLiveOutput</c> prints the table.</summary>
public class PiiAccuracyTests(ITestOutputHelper output)
{
    [Fact]
    public void Precision_and_recall_on_the_labelled_list()
    {
        var classifier = new RegexPiiClassifier();
        (HashSet<string> Truth, HashSet<string> Found, string Text)[] rows =
        [
            .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Safety", "pii.tsv")).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t', 2))
                .Select(row => (row[0] == "-" ? new HashSet<string>() : [.. row[0].Split(',')], classifier.Find(row[1]).Select(signal => signal.Category["pii.".Length..]).ToHashSet(), row[1])),
        ];

        output.WriteLine("kind           rows  precision  recall");
        foreach (string kind in RegexPiiClassifier.Kinds)
        {
            Assert.Contains(rows, row => row.Truth.Contains(kind));
            Report(kind, rows.Select(row => (row.Truth.Contains(kind), row.Found.Contains(kind))));
        }

        (double precision, double recall) = Report("any", rows.Select(row => (row.Truth.Count > 0, row.Found.Count > 0)));
        foreach ((HashSet<string> truth, HashSet<string> found, string text) in rows.Where(row => !row.Truth.SetEquals(row.Found)))
        {
            output.WriteLine($"differs: [{string.Join(",", truth)}] found [{string.Join(",", found)}] in: {text}");
        }

        Assert.InRange(precision, 0.9, 1);
        Assert.InRange(recall, 0.85, 1);
    }

    private (double Precision, double Recall) Report(string kind, IEnumerable<(bool Is, bool Found)> rows)
    {
        (bool Is, bool Found)[] all = [.. rows];
        double hits = all.Count(row => row is { Is: true, Found: true });
        double precision = hits / all.Count(row => row.Found), recall = hits / all.Count(row => row.Is);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind,-14} {all.Count(row => row.Is),4}  {precision,9:0.00}  {recall,6:0.00}"));
        return (precision, recall);
    }
}
