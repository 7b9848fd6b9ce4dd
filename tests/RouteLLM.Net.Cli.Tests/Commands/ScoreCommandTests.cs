using System.IO.Compression;
using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class ScoreCommandTests
{
    [Fact]
    public async Task Each_row_gets_the_routers_probability_in_the_rows_order()
    {
        using var folder = new TemporaryFolder();
        string[] prompts = [.. Enumerable.Range(0, 1000).Select(static i => $"Prove statement {i} about groups of order {i * i}.")];
        string input = folder.Write("in.jsonl", string.Concat(prompts.Select(static (prompt, i) => $"{{\"id\": \"row/{i}\", \"source\": \"x\", \"prompt\": {JsonSerializer.Serialize(prompt)}}}\n")));

        ToolResult result = await Tool.RunAsync("score", "--router", "builtin", "--input", input, "--output", folder["out.jsonl"]);

        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        JsonElement[] rows = [.. File.ReadLines(folder["out.jsonl"]).Select(static line => JsonSerializer.Deserialize<JsonElement>(line))];
        Assert.Equal(prompts.Select(static (_, i) => $"row/{i}"), rows.Select(static row => row.GetProperty("id").GetString()));
        Assert.Equal(prompts.Select(static prompt => BuiltInRouter.Create().PredictWinProbability(prompt)), rows.Select(static row => row.GetProperty("win_probability").GetDouble()));
        Assert.All(rows, static row => Assert.Equal(2, row.EnumerateObject().Count()));
        Assert.Equal(["in.jsonl", "out.jsonl"], folder.FileNames);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("-1.50e2")]
    [InlineData("12345678901234567890123")]
    [InlineData("\"7\"")]
    [InlineData("\"\"")]
    [InlineData("\"\\u00e9 \\\"\\n\"")]
    [InlineData("\"\u65e5\u672c\"")]
    public async Task Ids_are_kept_as_they_are_given(string id)
    {
        ToolResult result = await Tool.RunAsync(["score", "--router", "fixed:0.25"], $"{{\"prompt\":\"hi\",\"id\":{id}}}\n");

        Assert.Equal($"{{\"id\":{id},\"win_probability\":0.25}}\n", result.Output);
    }

    [Fact]
    public async Task Blank_lines_are_skipped_and_empty_prompts_and_byte_order_marks_are_not_in_the_way()
    {
        ToolResult result = await Tool.RunAsync(["score", "--router", "fixed:1"], "\uFEFF{\"id\":1,\"prompt\":\"\"}\r\n\r\n  \n{\"id\":2,\"prompt\":\"x\"}");

        Assert.Equal(["{\"id\":1,\"win_probability\":1}", "{\"id\":2,\"win_probability\":1}"], result.Lines);
    }

    [Fact]
    public async Task No_rows_are_no_scores()
    {
        Assert.Equal(new ToolResult(0, "", ""), await Tool.RunAsync(["score"], ""));
    }

    [Fact]
    public async Task Packed_files_are_read_and_written()
    {
        using var folder = new TemporaryFolder();
        string input = folder.WritePacked("in.jsonl.gz", "{\"id\":1,\"prompt\":\"hi\"}\n");

        ToolResult result = await Tool.RunAsync("score", "--router", "fixed:0.5", "-i", input, "-o", folder["out.jsonl.gz"]);

        Assert.Equal(0, result.ExitCode);
        using var output = new StreamReader(new GZipStream(File.OpenRead(folder["out.jsonl.gz"]), CompressionMode.Decompress));
        Assert.Equal("{\"id\":1,\"win_probability\":0.5}\n", await output.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("not json", "invalid")]
    [InlineData("[1]", "a row is a JSON object, not Array")]
    [InlineData("{\"prompt\":\"x\"}", "\"id\" is missing")]
    [InlineData("{\"id\":null,\"prompt\":\"x\"}", "\"id\" is Null; expected a string or a number")]
    [InlineData("{\"id\":1}", "\"prompt\" is missing")]
    [InlineData("{\"id\":1,\"prompt\":5}", "\"prompt\" is Number; expected a string")]
    [InlineData("{\"id\":1,\"prompt\":\"\\ud800\"}", "UTF-16")]
    public async Task A_faulty_row_is_named_by_file_and_line_and_an_older_output_stays(string line, string problem)
    {
        using var folder = new TemporaryFolder();
        string input = folder.Write("in.jsonl", $"{{\"id\":1,\"prompt\":\"fine\"}}\n\n{line}\n");
        string output = folder.Write("out.jsonl", "older");

        ToolResult result = await Tool.RunAsync("score", "--input", input, "--output", output);

        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"error: {input}, line 3: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("older", File.ReadAllText(output));
        Assert.Equal(["in.jsonl", "out.jsonl"], folder.FileNames);
    }

    [Fact]
    public async Task Rows_before_a_faulty_one_are_written_to_standard_output()
    {
        ToolResult result = await Tool.RunAsync(["score", "--router", "fixed:0"], "{\"id\":1,\"prompt\":\"fine\"}\nnot json\n");

        Assert.Equal(1, result.ExitCode);
        Assert.Equal(["{\"id\":1,\"win_probability\":0}"], result.Lines);
        Assert.StartsWith("error: standard input, line 2: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_packed_file_that_is_cut_short_or_none_is_an_error()
    {
        using var folder = new TemporaryFolder();
        string input = folder.WritePacked("in.jsonl.gz", string.Concat(Enumerable.Range(0, 5000).Select(static i => $"{{\"id\":{i},\"prompt\":\"prompt {i * 7919}\"}}\n")));
        byte[] whole = File.ReadAllBytes(input);
        File.WriteAllBytes(folder["cut.jsonl.gz"], whole[..(whole.Length / 2)]);

        ToolResult none = await Tool.RunAsync("score", "-i", folder.Write("none.gz", "plain text"), "-o", folder["out.jsonl"]);
        ToolResult cut = await Tool.RunAsync("score", "-i", folder["cut.jsonl.gz"], "-o", folder["out.jsonl"]);

        Assert.Equal((1, 1), (none.ExitCode, cut.ExitCode));
        Assert.Contains("none.gz, line 1: the packed file is damaged", none.Error, StringComparison.Ordinal);
        Assert.Contains("cut.jsonl.gz, line ", cut.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["out.jsonl"]));
    }

    [Fact]
    public async Task Input_and_output_may_be_the_same_file()
    {
        using var folder = new TemporaryFolder();
        string file = folder.Write("rows.jsonl", "{\"id\":1,\"prompt\":\"a\"}\n");

        Assert.Equal(0, (await Tool.RunAsync("score", "--router", "fixed:0.5", "--input", file, "--output", file)).ExitCode);

        Assert.Equal("{\"id\":1,\"win_probability\":0.5}\n", File.ReadAllText(file));
    }

    [Fact]
    public async Task Through_a_link_the_file_behind_it_is_written()
    {
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder["link"], folder.Write("target", "older"));

        Assert.Equal(0, (await Tool.RunAsync(["score", "--router", "fixed:0.5", "--output", folder["link"]], "{\"id\":1,\"prompt\":\"a\"}\n")).ExitCode);

        Assert.Equal("{\"id\":1,\"win_probability\":0.5}\n", File.ReadAllText(folder["target"]));
        Assert.NotNull(new FileInfo(folder["link"]).LinkTarget);
    }

    [Fact]
    public async Task A_device_is_written_to_and_not_replaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no such device.");

        Assert.Equal(0, (await Tool.RunAsync(["score", "--output", "/dev/null"], "{\"id\":1,\"prompt\":\"a\"}\n")).ExitCode);

        Assert.Equal(0, new FileInfo("/dev/null").Length);
    }

    [Fact]
    public async Task A_summary_is_written_as_json()
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync(["score", "--json", "-", "--output", folder["out.jsonl"]], "{\"id\":1,\"prompt\":\"a\"}\n");

        JsonElement summary = JsonSerializer.Deserialize<JsonElement>(result.Output);
        Assert.Equal(1, summary.GetProperty("rows").GetInt32());
        Assert.Equal(BuiltInRouter.Model.Fingerprint, summary.GetProperty("fingerprint").GetString());
    }

    [Fact]
    public async Task The_built_in_router_serves_models_it_does_not_know_and_says_so()
    {
        const string Row = "{\"id\":1,\"prompt\":\"Prove it.\"}\n";
        string known = BuiltInRouter.Model.Models[2];

        ToolResult ordinary = await Tool.RunAsync(["score"], Row);
        ToolResult other = await Tool.RunAsync(["score", "--weak", known], Row);
        ToolResult unknown = await Tool.RunAsync(["score", "--strong", "oracle-9", "--weak", known], Row);

        Assert.NotEqual(ordinary.Output, other.Output);
        Assert.Equal(ordinary.Output, unknown.Output);
        Assert.StartsWith("note: the built-in router does not know 'oracle-9'; it scores for its default pair", unknown.Error, StringComparison.Ordinal);
        Assert.Equal("", other.Error);
    }

    [Theory]
    [InlineData("'nowhere.jsonl'", "--input", "nowhere.jsonl")]
    [InlineData("is a folder", "--input", ".")]
    [InlineData("is a folder", "--output", ".")]
    [InlineData("There is no folder", "--output", "no/such/folder/out.jsonl")]
    public async Task Files_that_are_not_there_are_an_error_of_one_line(string message, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["score", .. args]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
