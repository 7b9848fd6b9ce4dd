using System.Text.Json;
using RouteLLM.Cli.Tests.Commands.Evaluating;
using RouteLLM.Evaluation;

namespace RouteLLM.Cli.Tests.Commands;

public class EvaluateCommandTests
{
    [Fact]
    public async Task Sources_and_all_rows_are_measured_as_the_library_measures_them()
    {
        using var folder = new TemporaryFolder();
        string rows = AnswerRows.Write(folder);

        ToolResult result = await Tool.RunAsync(["evaluate", "--router", "length", .. AnswerRows.Options(rows), "--split", "eval", "--json", folder["out.json"]]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        var options = new EvaluationOptions { StrongModel = "big", WeakModel = "small", Bootstrap = new() { Resamples = 50 } };
        RouterEvaluation expected = await RouterEvaluator.EvaluateAsync(new PromptLengthRouter(), EvaluationRowReader.ReadFile(rows).Where(static row => row.Split == "eval"), options, TestContext.Current.CancellationToken);
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["out.json"])), overall = json.GetProperty("overall");
        Assert.Equal("rows.jsonl, split eval", json.GetProperty("data").GetString());
        Assert.Equal(["set", "set/even", "set/odd"], json.GetProperty("sources").EnumerateArray().Select(static source => source.GetProperty("name").GetString()));
        Assert.Equal((64, 1, 0.75), (overall.GetProperty("rows").GetInt32(), overall.GetProperty("strong_quality").GetDouble(), overall.GetProperty("weak_quality").GetDouble()));
        Assert.Equal(expected.Overall.Apgr, overall.GetProperty("apgr").GetDouble());
        Assert.Equal((expected.Overall.ApgrInterval.Low, expected.Overall.ApgrInterval.High), (overall.GetProperty("interval").GetProperty("low").GetDouble(), overall.GetProperty("interval").GetProperty("high").GetDouble()));
        Assert.Equal((expected.Overall.Cpt50, expected.Overall.Cpt80), (overall.GetProperty("cpt50").GetDouble(), overall.GetProperty("cpt80").GetDouble()));

        // The table has the same: a heading, the sources, and all rows last.
        Assert.Equal("source\trows\tweak\tstrong\tAPGR\tCPT50\tCPT80\tshare\tkept\tsaved\tECE", result.Lines[0]);
        Assert.Equal(["set", "set/even", "set/odd", "overall"], result.Lines[1..].Select(static line => line.Split('\t')[0]));
        Assert.StartsWith("overall\t64\t0.750\t1.000\t0.875 ±", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_on_standard_output_is_alone_there_and_rows_may_come_from_standard_input()
    {
        using var folder = new TemporaryFolder();
        string input = File.ReadAllText(AnswerRows.Write(folder));

        ToolResult result = await Tool.RunAsync(["evaluate", "--router", "length", .. AnswerRows.Options("-"), "--split", "eval", "--json", "-"], input);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal(64, JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("overall").GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task A_gate_that_holds_passes_and_one_that_does_not_fails_and_says_what_fell()
    {
        using var folder = new TemporaryFolder();
        string[] args = ["evaluate", "--router", "length", .. AnswerRows.Options(AnswerRows.Write(folder)), "--split", "eval", "--strong-share", "0.25"];

        ToolResult passed = await Tool.RunAsync([.. args, "--require", "apgr=0.6,cost=0.7", "--json", folder["baseline.json"]]);
        ToolResult failed = await Tool.RunAsync([.. args, "--require", "apgr=0.9,cost=0.7,retained@set/odd=1"]);
        ToolResult fell = await Tool.RunAsync(["evaluate", "--router", "random", .. args[3..], "--require", "share=0.9", "--baseline", folder["baseline.json"], "--json", folder["fell.json"]]);
        ToolResult tolerated = await Tool.RunAsync(["evaluate", "--router", "random", .. args[3..], "--baseline", folder["baseline.json"], "--tolerance", "1"]);

        Assert.Equal((0, "quality gate passed: 2 of 2 checks\n"), (passed.ExitCode, passed.Error));
        Assert.Equal((1, "failed: apgr: the APGR is 0.875; at least 0.9 is required.\nquality gate failed: 1 of 3 checks\n"), (failed.ExitCode, failed.Error));
        Assert.Equal(5, failed.Lines.Length);
        Assert.Equal(1, fell.ExitCode);
        Assert.Contains("failed: apgr: the APGR is 0.", fell.Error, StringComparison.Ordinal);
        Assert.Contains("the baseline's 0.875; it fell by ", fell.Error, StringComparison.Ordinal);
        JsonElement gate = JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["fell.json"])).GetProperty("gate");
        Assert.False(gate.GetProperty("passed").GetBoolean());
        Assert.Equal(fell.Error.Split('\n').Count(static line => line.StartsWith("failed: ", StringComparison.Ordinal)), gate.GetProperty("failures").GetArrayLength());
        Assert.Equal(0, tolerated.ExitCode);
    }

    [Fact]
    public async Task Prices_make_costs_of_tokens_and_scales_and_shapes_are_taken()
    {
        using var folder = new TemporaryFolder();
        string rows = folder.Write("rows.csv", "id,prompt,scores.big,scores.small,tokens.big.input,tokens.big.output,tokens.small.input,tokens.small.output\n1,a long prompt,9,2,1000,100,1000,100\n2,b,8,8,1000,100,1000,100\n");
        string answers = folder.Write("gsm8k.csv", "prompt,big,small\na long prompt,True,False\nb,True,True\n");

        ToolResult priced = await Tool.RunAsync("evaluate", "--router", "length", "--data", rows, "--strong", "big", "--weak", "small", "--scale", "1-10", "--price", "big=10,30", "small=1,2,0.5", "--json", "-");
        ToolResult shaped = await Tool.RunAsync("evaluate", "--router", "length", "--data", answers, "--strong", "big", "--weak", "small", "--shape", "routellm", "--json", "-");

        JsonElement overall = JsonSerializer.Deserialize<JsonElement>(priced.Output).GetProperty("overall");
        Assert.Equal((8.5, 5), (overall.GetProperty("strong_quality").GetDouble(), overall.GetProperty("weak_quality").GetDouble()));
        Assert.Equal(((1000 * 10) + (100 * 30)) / 1e6, overall.GetProperty("strong_cost").GetDouble(), 12);
        Assert.Equal(0.5, JsonSerializer.Deserialize<JsonElement>(shaped.Output).GetProperty("overall").GetProperty("weak_quality").GetDouble());
    }

    [Fact]
    public async Task What_should_be_known_of_the_rows_is_noted()
    {
        using var folder = new TemporaryFolder();
        string rows = AnswerRows.Write(folder), others = folder.Write("others.jsonl", "{\"id\":\"o\",\"prompt\":\"x\",\"scores\":{\"other\":1}}\n");

        ToolResult mixed = await Tool.RunAsync("evaluate", "--router", "length", "--data", rows, others, "--strong", "big", "--weak", "small");

        Assert.Equal(0, mixed.ExitCode);
        Assert.Contains("note: 16 of the rows are of the split 'train'", mixed.Error, StringComparison.Ordinal);
        Assert.Contains("note: 1 rows have no score of both models and no rating; they were left out.", mixed.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "'--data' is required", "--strong", "a", "--weak", "b")]
    [InlineData(2, "are both 'a'", "--data", "x", "--strong", "a", "--weak", "a")]
    [InlineData(2, "--require: 'speed=1' does not begin with a metric", "--data", "x", "--strong", "a", "--weak", "b", "--require", "speed=1")]
    [InlineData(2, "give --baseline too", "--data", "x", "--strong", "a", "--weak", "b", "--tolerance", "0.1")]
    [InlineData(2, "--threshold is '1.5'", "--data", "x", "--strong", "a", "--weak", "b", "--threshold", "1.5")]
    [InlineData(2, "either --threshold or --strong-share", "--data", "x", "--strong", "a", "--weak", "b", "--threshold", "0.5", "--strong-share", "0.5")]
    [InlineData(2, "--scale is 'stars'", "--data", "x", "--strong", "a", "--weak", "b", "--scale", "stars")]
    [InlineData(2, "--price is 'a=1'", "--data", "x", "--strong", "a", "--weak", "b", "--price", "a=1")]
    [InlineData(2, "cannot be read together", "--data", "x", "-", "--strong", "a", "--weak", "b")]
    [InlineData(1, "There is no file 'nowhere.jsonl'", "--data", "nowhere.jsonl", "--strong", "a", "--weak", "b")]
    [InlineData(1, "'.' is a folder", "--data", ".", "--strong", "a", "--weak", "b")]
    [InlineData(1, "There is no file 'none.json'", "--data", "x", "--strong", "a", "--weak", "b", "--baseline", "none.json")]
    [InlineData(1, "There is no router or file 'none'", "--router", "none", "--data", "x", "--strong", "a", "--weak", "b")]
    public async Task What_is_wrong_is_said_in_one_line(int exitCode, string message, params string[] args)
    {
        ToolResult result = await Tool.RunAsync(["evaluate", .. args]);

        Assert.Equal((exitCode, ""), (result.ExitCode, result.Output));
        string error = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), static line => !line.StartsWith("note:", StringComparison.Ordinal));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("No row is of the split 'test'; the rows are of 'eval' (64), 'train' (16).", "--split", "test")]
    [InlineData("None of 64 rows has scores of both \"big\" and \"tiny\". The first has scores of big, small.", "--split", "eval", "--weak", "tiny")]
    [InlineData("is not the summary of an evaluation", "--split", "eval", "--baseline", "ROWS")]
    [InlineData("There is no slice \"none\"", "--split", "eval", "--require", "apgr@none=1")]
    [InlineData("", "--split", "eval", "--scale", "0..0.5")]
    public async Task Rows_that_do_not_fit_are_an_error(string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        string rows = AnswerRows.Write(folder);
        string[] all = ["evaluate", "--router", "length", "--data", rows, "--strong", "big", .. args.Contains("--weak") ? Array.Empty<string>() : ["--weak", "small"], .. args.Select(arg => arg == "ROWS" ? rows : arg)];

        ToolResult result = await Tool.RunAsync(all);

        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        Assert.StartsWith("error: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_length_router_has_the_apgr_that_RouteLLMs_own_program_gives_it()
    {
        string data = SharedFile("routellm.jsonl.gz");

        ToolResult result = await Tool.RunAsync("evaluate", "--router", "length:5000", "--data", data, "--strong", "gpt-4-1106-preview", "--weak", "mistralai/Mixtral-8x7B-Instruct-v0.1", "--resamples", "20", "--json", "-");

        Dictionary<string, JsonElement> sources = JsonSerializer.Deserialize<JsonElement>(result.Output).GetProperty("sources").EnumerateArray().ToDictionary(static source => source.GetProperty("name").GetString()!);
        Assert.Equal((1307, 14037), (sources["gsm8k"].GetProperty("rows").GetInt32(), sources["mmlu"].GetProperty("rows").GetInt32()));

        // lm-sys/RouteLLM, evals/evaluate.py, with prompt lengths as scores.
        Assert.Equal(0.5986554769191534, sources["gsm8k"].GetProperty("routellm_apgr").GetDouble(), 1e-9);
        Assert.Equal(36.513280139906, sources["gsm8k"].GetProperty("routellm_cpt50").GetDouble(), 1e-9);
        Assert.Equal(66.65646518745223, sources["gsm8k"].GetProperty("routellm_cpt80").GetDouble(), 1e-9);
        Assert.Equal(0.5836981859881791, sources["mmlu"].GetProperty("routellm_apgr").GetDouble(), 1e-9);

        // The full sweep, which is the better estimate, is near.
        Assert.Equal(0.5987, sources["gsm8k"].GetProperty("apgr").GetDouble(), 0.01);
    }

    private static string SharedFile(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"There is no file shared/data/{name} beside the repository.");
        return "";
    }
}
