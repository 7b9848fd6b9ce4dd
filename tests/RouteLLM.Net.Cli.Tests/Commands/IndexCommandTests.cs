using System.Text.Json;

namespace RouteLLM.Cli.Tests.Commands;

public class IndexCommandTests
{
    [Theory]
    [InlineData("32")]
    [InlineData("8")]
    public async Task An_index_is_built_that_routes(string precision)
    {
        using var folder = new TemporaryFolder();
        string outcomes = folder.Write("battles.jsonl", """
            {"prompt":"prove the theorem about primes","model_a":"big","model_b":"small","winner":"model_a"}
            {"prompt":"short","model_a":"big","model_b":"small","winner":"tie"}
            {"prompt":"say hello to my little friend","model_a":"big","model_b":"small","winner":"model_b"}
            """);
        string embeddings = folder["embeddings.npy"];
        WriteEmbeddings(embeddings, "prove the theorem about primes", "short", "say hello to my little friend");

        ToolResult result = await Tool.RunAsync(
            "index", "--outcomes", outcomes, "--embeddings", embeddings, "--output", folder["index.safetensors"], "--precision", precision, "--embedder", HashedTextEmbeddingGenerator.ModelId, "--json", folder["index.json"]);

        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.Contains("rows\t2 of 64 numbers; 1 left out, their prompts being too short", result.Lines);
        Assert.Equal(2, JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder["index.json"])).GetProperty("rows").GetInt32());
        ToolResult route = await Tool.RunAsync("route", "--router", $"sw:{folder["index.safetensors"]}", "--strong", "big", "--weak", "small", "--threshold", "0.5", "prove the theorem about groups", "say hello to my friend");
        Assert.Equal(["strong", "weak"], route.Lines[1..].Select(static line => line.Split('\t')[0]));
    }

    [Fact]
    public async Task What_is_wrong_is_said_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        string outcomes = folder.Write("battles.jsonl", "{}"), embeddings = folder["embeddings.npy"];
        WriteEmbeddings(embeddings, "one");
        string[] args = ["index", "--embeddings", embeddings, "--output", folder["index.safetensors"], "--outcomes"];

        ToolResult missing = await Tool.RunAsync([.. args, folder["nowhere.jsonl"]]);
        ToolResult wrong = await Tool.RunAsync([.. args, outcomes]);
        ToolResult usage = await Tool.RunAsync([.. args, outcomes, "--precision", "12"]);

        Assert.Equal((1, 1, 2), (missing.ExitCode, wrong.ExitCode, usage.ExitCode));
        Assert.Contains("nowhere.jsonl", missing.Error, StringComparison.Ordinal);
        Assert.Contains("battles.jsonl, line 1", wrong.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("index.safetensors", folder.FileNames);
    }

    /// <summary>Writes hashed embeddings in NumPy's format.</summary>
    private static void WriteEmbeddings(string path, params string[] prompts)
    {
        using var embedder = new HashedTextEmbeddingGenerator(64);
        using var writer = new BinaryWriter(File.Create(path));
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({prompts.Length}, 64), }}".PadRight(117) + "\n";
        writer.Write([0x93, .. "NUMPY"u8, 1, 0]);
        writer.Write((ushort)header.Length);
        writer.Write(System.Text.Encoding.ASCII.GetBytes(header));
        var embedding = new float[64];
        foreach (string prompt in prompts)
        {
            embedder.Embed(prompt, embedding);
            foreach (float value in embedding)
            {
                writer.Write(value);
            }
        }
    }
}
