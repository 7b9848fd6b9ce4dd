using System.Text.Json;

namespace RouteLLM.Cli.Tests.Shared;

/// <summary>Routers and indexes over a sentence-embedding model, and classifiers, from folders.</summary>
public class EmbedderOptionsTests
{
    private const string Battles = """
        {"prompt":"prove the theorem about prime numbers","model_a":"big","model_b":"small","winner":"model_a"}
        {"prompt":"prove that the group is abelian","model_a":"big","model_b":"small","winner":"model_a"}
        {"prompt":"say hello to my little friend","model_a":"big","model_b":"small","winner":"model_b"}
        {"prompt":"write a greeting for my friend","model_a":"big","model_b":"small","winner":"model_b"}
        """;

    [Fact]
    public async Task An_index_is_built_and_searched_with_a_model_in_a_folder()
    {
        string model = Models.MiniLm();
        using var folder = new TemporaryFolder();
        string index = folder["index.safetensors"];
        ToolResult built = await Tool.RunAsync("index", "--outcomes", folder.Write("battles.jsonl", Battles), "--embedder-model", model, "--embedder-max-tokens", "256", "--output", index);
        Assert.Equal((0, ""), (built.ExitCode, built.Error));
        Assert.Contains("embedder\tall-minilm-l6-v2-int8/384", built.Lines);

        string[] route = ["route", "--router", $"sw:{index}", "--strong", "big", "--weak", "small", "--threshold", "0.5", "prove a lemma about rings", "hello, my friend"];
        ToolResult routed = await Tool.RunAsync([.. route, "--embedder-model", model]);
        Assert.Equal(["strong", "weak"], routed.Lines[1..].Select(static line => line.Split('\t')[0]));
        ToolResult without = await Tool.RunAsync(route);
        Assert.Equal(1, without.ExitCode);
        Assert.Contains("--embedder-model", without.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_classifier_in_a_folder_scores_any_script_as_the_reference_does_in_a_process_without_ICU()
    {
        // Prompts without the text of special tokens, which the tool reads as plain text and the reference does not.
        JsonElement[] cases = [.. JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(Models.TinyBert, "cases.json"), TestContext.Current.CancellationToken)).RootElement.EnumerateArray()
            .Where(static entry => !entry.GetProperty("text").GetString()!.Contains("[CLS]", StringComparison.Ordinal))];
        Assert.Equal(43, cases.Length);
        string input = string.Concat(cases.Select(static (entry, i) => JsonSerializer.Serialize(new { id = i, prompt = entry.GetProperty("text").GetString() }) + "\n"));

        ToolResult result = await ToolProcess.RunAsync(["score", "--router", $"bert:{Models.TinyBert}"], input);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Equal(cases.Length, result.Lines.Length);
        Assert.All(result.Lines, (line, i) => Assert.Equal(
            cases[i].GetProperty("win_rate").GetDouble(), JsonSerializer.Deserialize<JsonElement>(line).GetProperty("win_probability").GetDouble(), 1e-5));
    }

    [Fact]
    public async Task What_does_not_fit_together_is_refused()
    {
        using var folder = new TemporaryFolder();
        string battles = folder.Write("battles.jsonl", Battles), output = folder["out.safetensors"];
        Assert.Contains("either --embeddings", (await Tool.RunAsync("index", "--outcomes", battles, "--output", output)).Error, StringComparison.Ordinal);
        Assert.Contains("give --embedder-model too", (await Tool.RunAsync("score", "--embedder-max-tokens", "9")).Error, StringComparison.Ordinal);
        Assert.Contains("--kind mf or clusters", (await Tool.RunAsync("train", "--data", battles, "--strong", "big", "--weak", "small", "--output", output, "--embedder-model", "x")).Error, StringComparison.Ordinal);
        ToolResult missing = await Tool.RunAsync("index", "--outcomes", battles, "--embedder-model", folder["nowhere"], "--output", output);
        Assert.Equal(1, missing.ExitCode);
        Assert.Contains("no such file or folder", missing.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("out.safetensors", folder.FileNames);
    }
}
