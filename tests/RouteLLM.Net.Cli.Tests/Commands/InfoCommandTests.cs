using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class InfoCommandTests
{
    [Fact]
    public async Task The_built_in_router_is_described_by_default()
    {
        ToolResult result = await Tool.RunAsync("info");

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(result.Output, (await Tool.RunAsync("info", "builtin")).Output);
        Assert.Contains("kind\thashed-matrix-factorization", result.Lines);
        Assert.Contains($"strong model\t{BuiltInRouter.Model.StrongModel}", result.Lines);
        Assert.Contains($"fingerprint\t{BuiltInRouter.Model.Fingerprint}", result.Lines);
        Assert.Contains("tensor quantiles\tF32 [1001]", result.Lines);
        double threshold = BuiltInRouter.Create().GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.3);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"threshold for a strong share of 0.3\t{threshold:0.0000}"), result.Lines);
    }

    [Fact]
    public async Task As_json_everything_is_there()
    {
        using var folder = new TemporaryFolder();

        ToolResult file = await Tool.RunAsync("info", Indexes.Save(folder["index.safetensors"]), "--json", folder["info.json"]);
        ToolResult output = await Tool.RunAsync("info", folder["index.safetensors"], "--json", "-");

        Assert.Contains("kind\tbattle-index", file.Lines);
        JsonElement info = JsonSerializer.Deserialize<JsonElement>(output.Output);
        Assert.Equal(output.Output, File.ReadAllText(folder["info.json"]));
        Assert.Equal(("battle-index", true), (info.GetProperty("kind").GetString(), info.GetProperty("is_known_kind").GetBoolean()));
        Assert.Equal(["big", "small"], info.GetProperty("models").EnumerateArray().Select(static model => model.GetString()));
        Assert.Equal(JsonValueKind.Null, info.GetProperty("strong_model").ValueKind);
        Assert.Contains(info.GetProperty("tensors").EnumerateArray(), static tensor => tensor.GetProperty("name").GetString() == "embeddings" && tensor.GetProperty("shape")[1].GetInt32() == 256);
    }

    [Fact]
    public async Task On_a_terminal_it_is_a_drawn_table()
    {
        ToolResult result = await Tool.RunAsync(["info"], "", draws: true);

        Assert.Contains("\u2502 kind", result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\t', result.Output);
    }

    [Fact]
    public async Task A_kind_that_is_not_known_is_described_and_marked()
    {
        using var folder = new TemporaryFolder();
        var writer = new SafetensorsWriter();
        writer.Metadata["kind"] = "crystal-ball";
        writer.Save(folder["future.safetensors"]);

        ToolResult info = await Tool.RunAsync("info", folder["future.safetensors"]);
        ToolResult score = await Tool.RunAsync(["score", "--router", folder["future.safetensors"]], "");

        Assert.Contains("kind\tcrystal-ball (this version of the tool makes no router of it)", info.Lines);
        Assert.Equal(1, score.ExitCode);
        Assert.Contains("'crystal-ball'", score.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_artifact_is_an_error_of_one_line()
    {
        using var folder = new TemporaryFolder();

        ToolResult text = await Tool.RunAsync("info", folder.Write("notes.txt", "Nothing of the kind, but long enough to hold a header."));
        ToolResult missing = await Tool.RunAsync("info", folder["nowhere"]);
        ToolResult empty = await Tool.RunAsync("info", folder.Path);

        Assert.All([text, missing, empty], static result =>
        {
            Assert.Equal((1, ""), (result.ExitCode, result.Output));
            Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        });
        Assert.Contains("There is no router or file", missing.Error, StringComparison.Ordinal);
        Assert.Contains("model.safetensors", empty.Error, StringComparison.Ordinal);
    }
}
