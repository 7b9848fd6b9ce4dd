using System.Text.RegularExpressions;

namespace RouteLLM.Tests;

public class ReadmeTests
{
    [Fact]
    public void Every_block_of_csharp_in_the_readme_is_compiled_and_run_by_an_example()
    {
        // Examples that need another package are in that package's tests.
        string examples = Normalize(string.Concat(typeof(ReadmeTests).Assembly.GetManifestResourceNames().Where(static name => name.EndsWith("Examples.cs", StringComparison.Ordinal)).Select(Read)));
        string[] blocks = [.. Regex.Matches(Read("README.md"), "```csharp\n(.*?)```", RegexOptions.Singleline).Select(match => Normalize(match.Groups[1].Value))];

        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(block, examples));
    }

    // Indentation is the only thing that differs between a block and its place in a method.
    private static string Normalize(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0));

    private static string Read(string name)
    {
        using Stream stream = typeof(ReadmeTests).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
