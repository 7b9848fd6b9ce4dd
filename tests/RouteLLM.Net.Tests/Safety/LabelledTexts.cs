using System.Globalization;

namespace RouteLLM.Tests.Safety;

/// <summary>Texts with what a person finds in them, from a file with two columns; <c>-</c> for nothing.</summary>
internal static class LabelledTexts
{
    public static (HashSet<string> Labels, string Text)[] Read(string file) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Safety", file)).Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split('\t', 2))
            .Select(row => (row[0] == "-" ? new HashSet<string>() : [.. row[0].Split(',')], row[1])),
    ];

    /// <summary>Counts a detector's answers.</summary>
    /// <param name="rows">For each text or label of one, whether it is there and whether it was found.</param>
    public static Accuracy Count(IEnumerable<(bool IsThere, bool IsFound)> rows)
    {
        (bool IsThere, bool IsFound)[] all = [.. rows];
        return new(all.Count(row => row is { IsThere: true, IsFound: true }), all.Count(row => row is { IsThere: false, IsFound: true }), all.Count(row => row is { IsThere: true, IsFound: false }));
    }

    /// <summary>How many of the things looked for were found, rightly and wrongly.</summary>
    internal sealed record Accuracy(int Right, int Wrong, int Missed)
    {
        public double Precision => Right / (double)(Right + Wrong);

        public double Recall => Right / (double)(Right + Missed);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Right,5}  {Wrong,5}  {Missed,6}  {Precision,9:0.00}  {Recall,6:0.00}");
    }
}
