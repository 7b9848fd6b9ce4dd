using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class TrainCommandTests
{
    [Theory]
    [InlineData("linear")]
    [InlineData("linear-pool")]
    [InlineData("mf", "--dimensions", "64")]
    [InlineData("hashed-mf")]
    public async Task A_trained_router_tells_hard_prompts_from_easy_ones_and_the_same_seed_gives_the_same_file(string kind, params string[] more)
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("answers.jsonl", string.Concat(Enumerable.Range(0, 300).Select(static i => Row(i, i % 2 == 0 ? 1 : 0.1, i % 2 == 0 ? 0 : 0.1))));
        string[] args = ["train", "--data", data, "--strong", "big", "--weak", "small", "--kind", kind, "--metadata", "license=MIT", .. more];

        ToolResult result = await Tool.RunAsync([.. args, "--output", folder["a.safetensors"], "--json", folder["a.json"]]);
        await Tool.RunAsync([.. args, "--output", folder["b.safetensors"], "--name", "a"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        IRouter router = RouterArtifact.Load(folder["a.safetensors"]);
        double hard = await router.PredictWinProbabilityAsync("Prove theorem 777 about groups.", TestContext.Current.CancellationToken);
        double easy = await router.PredictWinProbabilityAsync("Say hello to person 777.", TestContext.Current.CancellationToken);
        Assert.True(hard > easy + 0.2, FormattableString.Invariant($"{hard} against {easy}"));
        Assert.Equal(File.ReadAllBytes(folder["a.safetensors"]), File.ReadAllBytes(folder["b.safetensors"]));

        RouterArtifactInfo info = RouterArtifact.ReadInfo(folder["a.safetensors"]);
        Assert.Equal(("a", "big", "small"), (info.Name, info.StrongModel, info.WeakModel));
        Assert.Equal(("300 rows", "MIT", "train"), (info.Metadata["data.answers.jsonl"], info.Metadata["license"], info.Metadata["training.split"]));
        JsonElement summary = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["a.json"]));
        Assert.Equal((300, info.Fingerprint), (summary.GetProperty("rows").GetInt32(), summary.GetProperty("fingerprint").GetString()));
        Assert.True(summary.GetProperty("measures").GetProperty("held_out_apgr").GetDouble() > 0.7);
    }

    [Fact]
    public async Task Ratings_can_be_trained_on_as_scores_can()
    {
        using var folder = new TemporaryFolder();
        string data = folder.WritePacked("rated.jsonl.gz", string.Concat(Enumerable.Range(0, 200).Select(static i => Rated(i, i % 2 == 0 ? 0.9 : 0.1))));

        ToolResult result = await Tool.RunAsync("train", "--data", data, "--strong", "big", "--weak", "small", "--output", folder["a.safetensors"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("rows\t200: 0 scored, 200 rated; 0 left out", result.Lines);
    }

    [Fact]
    public async Task Clusters_are_trained_from_three_models_or_more_and_their_warnings_are_passed_on()
    {
        using var folder = new TemporaryFolder();
        string[] args = ["--strong", "big", "--weak", "small", "--kind", "clusters", "--dimensions", "64"];
        string two = folder.Write("two.jsonl", string.Concat(Enumerable.Range(0, 300).Select(static i => Row(i, i % 2, 1 - (i % 2)))));
        string three = folder.Write("three.jsonl", File.ReadAllText(two).Replace("\"small\":", "\"middle\":0.5,\"small\":", StringComparison.Ordinal));

        ToolResult refused = await Tool.RunAsync(["train", "--data", two, "--output", folder["two.safetensors"], .. args]);
        ToolResult result = await Tool.RunAsync(["train", "--data", three, "--output", folder["three.safetensors"], .. args]);

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("at least 3 are needed", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("note: ", result.Error, StringComparison.Ordinal);
        Assert.IsType<ClusteredRouter>(RouterArtifact.Load(folder["three.safetensors"]));
        Assert.False(File.Exists(folder["two.safetensors"]));
    }

    [Theory]
    [InlineData("None of 20 rows has scores of both 'big' and 'tiny', or p_strong. There are scores of 'big', 'small'.", "--weak", "tiny")]
    [InlineData("No row is of the split 'test'; the rows are of 'train' (20). Choose one with --split, or 'all'.", "--weak", "small", "--split", "test")]
    public async Task Rows_that_say_nothing_are_an_error_that_names_what_is_there(string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        string data = folder.Write("answers.jsonl", string.Concat(Enumerable.Range(0, 20).Select(static i => Row(i, 1, 0))));

        ToolResult result = await Tool.RunAsync(["train", "--data", data, "--strong", "big", "--output", folder["a.safetensors"], .. args]);

        Assert.Equal(new ToolResult(1, "", $"error: {message}\n"), result);
        Assert.Equal(["answers.jsonl"], folder.FileNames);
    }

    [Theory]
    [InlineData("{\"id\":\"1\"}", "d.jsonl, line 1", "\"prompt\"")]
    [InlineData("{\"id\":\"1\",\"prompt\":\"x\",\"scores\":{\"big\":7}}", "d.jsonl, line 1", "scores.big")]
    public async Task A_faulty_row_is_named_by_file_and_line(string row, string place, string problem)
    {
        using var folder = new TemporaryFolder();

        ToolResult result = await Tool.RunAsync("train", "--data", folder.Write("d.jsonl", row), "--strong", "big", "--weak", "small", "--output", folder["a.safetensors"]);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(place, result.Error, StringComparison.Ordinal);
        Assert.Contains(problem, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_without_a_split_are_trained_on_and_those_of_another_are_not()
    {
        using var folder = new TemporaryFolder();
        string rows = string.Concat(Enumerable.Range(0, 100).Select(static i => Rated(i, i % 2)));
        string data = folder.Write("rows.jsonl", rows.Replace(",\"split\":\"train\"", "", StringComparison.Ordinal) + rows.Replace("\"id\":\"", "\"id\":\"eval/", StringComparison.Ordinal).Replace("train", "eval", StringComparison.Ordinal));

        ToolResult ordinary = await Tool.RunAsync("train", "--data", data, "--strong", "big", "--weak", "small", "--output", folder["a.safetensors"]);
        ToolResult all = await Tool.RunAsync(["train", "--data", "-", "--split", "all", "--strong", "big", "--weak", "small", "--output", folder["a.safetensors"]], File.ReadAllText(data));

        Assert.Contains("rows\t100: 0 scored, 100 rated; 0 left out", ordinary.Lines);
        Assert.Contains("rows\t200: 0 scored, 200 rated; 0 left out", all.Lines);
    }

    [Theory]
    [InlineData("Option '--output' is required.", "--strong", "a", "--weak", "b")]
    [InlineData("The strong and the weak model are both 'a'; a router chooses between two.", "--strong", "a", "--weak", "a", "--output", "x")]
    [InlineData("Argument 'x' not recognized. Must be one of: 'linear' 'linear-pool' 'mf' 'clusters' 'hashed-mf'", "--strong", "a", "--weak", "b", "--output", "x", "--kind", "x")]
    [InlineData("The artifact and --json cannot both go to standard output; give --output or --json a file.", "--strong", "a", "--weak", "b", "--output", "-", "--json", "-")]
    [InlineData("--seed is '-1', but must be a whole number of at least 0.", "--strong", "a", "--weak", "b", "--output", "x", "--seed", "-1")]
    [InlineData("--metadata is 'MIT', but must be KEY=VALUE, such as license=MIT.", "--strong", "a", "--weak", "b", "--output", "x", "--metadata", "MIT")]
    [InlineData("--dimensions is '0', but must be a whole number from 1 to 4096.", "--strong", "a", "--weak", "b", "--output", "x", "--dimensions", "0")]
    public async Task A_wrong_command_line_is_a_usage_error(string message, params string[] args)
    {
        Assert.Equal(new ToolResult(2, "", $"error: {message} See 'routellm train --help'.\n"), await Tool.RunAsync(["train", "--data", "d.jsonl", .. args]));
    }

    private static string Prompt(int i) => i % 2 == 0 ? $"Prove theorem {i} about groups." : $"Say hello to person {i}.";

    private static string Row(int i, double big, double small) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{i}\",\"source\":\"s\",\"split\":\"train\",\"prompt\":\"{Prompt(i)}\",\"scores\":{{\"big\":{big},\"small\":{small}}}}}\n");

    private static string Rated(int i, double probability) =>
        string.Create(CultureInfo.InvariantCulture, $"{{\"id\":\"{i}\",\"source\":\"s\",\"split\":\"train\",\"prompt\":\"{Prompt(i)}\",\"p_strong\":{probability}}}\n");
}
