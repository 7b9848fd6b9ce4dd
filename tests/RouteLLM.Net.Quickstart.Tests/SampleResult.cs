namespace RouteLLM.Quickstart.Tests;

/// <summary>What the sample wrote and how it ended.</summary>
internal sealed record SampleResult(int ExitCode, string Output, string Error)
{
    /// <summary>Gets the records: the fields of each line that is no comment.</summary>
    public IReadOnlyList<string[]> Records => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(line => line.Split('\t'))];

    public IEnumerable<string> Routes => Records.Select(record => record[1]);

    /// <summary>Gets the text of a line of the summary.</summary>
    public string Fact(string label) => Output.Split('\n').Single(line => line.StartsWith($"# {label}: ", StringComparison.Ordinal))[(label.Length + 4)..];
}
