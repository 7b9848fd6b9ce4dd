using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Parquet;
using Parquet.Schema;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Indexes;

public sealed class BattleIndexImporterTests : IDisposable
{
    private const string LongPrompt = "A question that is long enough";

    private readonly string _directory = Directory.CreateTempSubdirectory("routellm-import-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Arena_rows_are_kept_and_read_as_the_reference_does()
    {
        JsonElement[] cases = [.. JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Indexes", "golden", "preprocess.json"), TestContext.Current.CancellationToken)).RootElement.EnumerateArray()];
        string battles = Write("battles.jsonl", string.Join('\n', cases.Select(static entry => JsonSerializer.Serialize(entry))));
        float[][] all = Embeddings(cases.Length);
        JsonElement[] kept = [.. cases.Where(static entry => entry.GetProperty("kept").GetBoolean())];
        float[][] filtered = [.. all.Where((_, i) => cases[i].GetProperty("kept").GetBoolean())];

        // Embeddings of all rows, or of those that are kept: both are understood, and give the same index.
        foreach (float[][] embeddings in new[] { all, filtered })
        {
            string path = Path.Combine(_directory, "index.safetensors");
            BattleIndexImportResult result = await Import(battles, Npy("embeddings.npy", embeddings), path);
            Assert.Equal(new BattleIndexImportResult(kept.Length, cases.Length - kept.Length, 3), result);
            using BattleIndex index = BattleIndex.Open(path);
            float[] copy = new float[3];
            for (int i = 0; i < kept.Length; i++)
            {
                Assert.Equal(kept[i].GetProperty("winner").GetString(), index.GetBattle(i).Winner switch { BattleWinner.ModelA => "model_a", BattleWinner.ModelB => "model_b", _ => "tie" });
                Assert.Equal(JsonDocument.Parse(kept[i].GetProperty("prompt").GetString()!).RootElement[0].GetString(), index.GetPrompt(i));
                index.CopyEmbedding(i, copy);
                Assert.Equal(filtered[i], copy);
            }
        }
    }

    [Fact]
    public async Task Prompts_are_embedded_on_the_way_and_the_index_names_the_embedder()
    {
        using var embedder = new HashedTextEmbeddingGenerator(64);
        string battles = Write("battles.jsonl", string.Join('\n', Enumerable.Range(0, 600).Select(static i =>
            $$"""{"model_a":"a","model_b":"b","winner":"model_a","prompt":"{{(i % 3 == 0 ? "short" : $"{LongPrompt} {i}")}}"}""")));
        string path = Path.Combine(_directory, "index.safetensors");
        BattleIndexImportResult result = await BattleIndexImporter.ImportAndEmbedAsync(battles, embedder, path, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(new BattleIndexImportResult(400, 200, 64), result);
        using BattleIndex index = BattleIndex.Open(path);
        Assert.Equal($"{HashedTextEmbeddingGenerator.ModelId}/64", index.Embedder);
        float[] expected = new float[64], actual = new float[64];
        for (int i = 0; i < index.Count; i++)
        {
            embedder.Embed(index.GetPrompt(i)!, expected);
            index.CopyEmbedding(i, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public async Task A_row_without_a_prompt_cannot_be_embedded()
    {
        using var embedder = new HashedTextEmbeddingGenerator(64);
        string battles = Write("battles.jsonl", """{"model_a":"a","model_b":"b","winner":"model_a"}""");
        EvaluationDataException error = await Assert.ThrowsAsync<EvaluationDataException>(() => BattleIndexImporter.ImportAndEmbedAsync(battles, embedder, Path.Combine(_directory, "i.safetensors"), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("line 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("no prompt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_lines_and_parquet_give_the_same_index()
    {
        Battle[] battles = [.. Enumerable.Range(0, 50).Select(static i => new Battle($"m{i % 3}", $"m{(i % 3) + 1}", (BattleWinner)(i % 3), i % 5 == 0 ? "short" : $"{LongPrompt} {i}"))];
        float[][] embeddings = Embeddings(50);
        string json = Write("battles.jsonl", string.Join('\n', battles.Select(static battle =>
            $$"""{"model_a":"{{battle.ModelA}}","model_b":"{{battle.ModelB}}","winner":"{{Winner(battle)}}","prompt":"{{battle.Prompt}}"}""")) + "\n\n");
        string gz = Path.Combine(_directory, "battles.jsonl.gz");
        await using (var stream = new GZipStream(File.Create(gz), CompressionMode.Compress))
        {
            await stream.WriteAsync(await File.ReadAllBytesAsync(json, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken);
        }

        string parquet = await Parquet("both.parquet", battles, embeddings, rowsPerGroup: 20);
        var files = new List<byte[]>();
        foreach ((string outcomes, string vectors) in new[] { (json, Npy("e.npy", embeddings)), (gz, Npy("e.npy", embeddings, "<f8")), (json, parquet), (parquet, Npy("e.npy", embeddings)), (parquet, parquet) })
        {
            string path = Path.Combine(_directory, $"index{files.Count}.safetensors");
            Assert.Equal(new BattleIndexImportResult(40, 10, 3), await Import(outcomes, vectors, path));
            files.Add(await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken));
        }

        Assert.All(files, file => Assert.Equal(files[0], file));
        using BattleIndex index = BattleIndex.Parse(files[0]);
        Assert.Equal(battles.Where(static battle => battle.Prompt != "short"), Enumerable.Range(0, index.Count).Select(index.GetBattle));
    }

    [Fact]
    public async Task Arena_rows_in_parquet_are_read_too()
    {
        var a = new DataField<string>("model_a");
        var b = new DataField<string>("model_b");
        var aWon = new DataField<int>("winner_model_a");
        var bWon = new DataField<int?>("winner_model_b");
        var prompt = new DataField<string>("prompt");
        string path = Path.Combine(_directory, "arena.parquet");
        await using (FileStream stream = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(a, b, aWon, bWon, prompt), stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(a, new[] { "x", "x", "y" });
            await group.WriteAsync(b, new[] { "y", "y", "x" });
            await group.WriteAsync<int>(aWon, new[] { 1, 0, 0 }, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<int>(bWon, new int?[] { 0, 1, null }, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync(prompt, new[] { $"""["{LongPrompt}", "more"]""", $"""["{LongPrompt}"]""", $"""["{LongPrompt}"]""" });
        }

        string output = Path.Combine(_directory, "index.safetensors");
        await Import(path, Npy("e.npy", Embeddings(3)), output);
        using BattleIndex index = BattleIndex.Open(output);
        Assert.Equal(
            [new Battle("x", "y", BattleWinner.ModelA, LongPrompt), new Battle("x", "y", BattleWinner.ModelB, LongPrompt), new Battle("y", "x", BattleWinner.Tie, LongPrompt)],
            Enumerable.Range(0, 3).Select(index.GetBattle));
    }

    [Fact]
    public async Task Scores_are_read_from_json_lines()
    {
        string outcomes = Write("rows.jsonl", $$$"""
            {"id":"1","source":"s","split":"train","prompt":"{{{LongPrompt}}}","scores":{"a":1,"b":0.25}}
            {"id":"2","source":"s","split":"train","prompt":"{{{LongPrompt}}} too","scores":{"b":0.5,"c":0}}
            """);
        string path = Path.Combine(_directory, "index.safetensors");
        await Import(outcomes, Npy("e.npy", Embeddings(2)), path, new() { Index = new BattleIndexOptions { Precision = EmbeddingPrecision.Byte, Embedder = "e", Provenance = { ["source"] = "mine" } } });
        using BattleIndex index = BattleIndex.Open(path);
        Assert.True(index.HasScores);
        Assert.Equal(new Dictionary<string, double> { ["a"] = 1, ["b"] = 0.25 }, index.GetScores(0));
        Assert.Equal(("e", "mine", EmbeddingPrecision.Byte), (index.Embedder, index.Metadata["source"], index.Precision));
    }

    [Fact]
    public async Task Progress_is_reported_to_the_last_row_and_cancelling_writes_nothing()
    {
        string outcomes = Write("battles.jsonl", string.Join('\n', Enumerable.Repeat("""{"model_a":"a","model_b":"b","winner":"tie"}""", 1000)));
        string path = Path.Combine(_directory, "index.safetensors");
        var reports = new Reports();
        await Import(outcomes, Npy("e.npy", Embeddings(1000)), path, progress: reports);
        Assert.Equal(200, reports.Seen.Count);
        Assert.Equal(reports.Seen.OrderBy(static report => report.Done), reports.Seen);
        Assert.Equal(new BattleIndexImportProgress(1000, 1000), reports.Seen[^1]);

        File.Delete(path);
        using var cancellation = new CancellationTokenSource();
        var cancelling = new Reports { Reported = cancellation.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => BattleIndexImporter.ImportAsync(outcomes, Path.Combine(_directory, "e.npy"), path, null, cancelling, cancellation.Token));
        Assert.False(File.Exists(path));
        Assert.Single(cancelling.Seen);
    }

    [Theory]
    [InlineData("""{"model_a":"a","model_b":"b","winner":"a"}""", "\"a\"")]
    [InlineData("""{"model_b":"b","winner":"tie"}""", "model_a")]
    [InlineData("""{"model_a":"a","model_b":"b"}""", "winner")]
    [InlineData("""{"model_a":"a","model_b":"a","winner":"tie"}""", "itself")]
    [InlineData("""{"model_a":"a","model_b":"b","winner_model_a":2,"winner_model_b":0}""", "0 or 1")]
    [InlineData("""{"model_a":"a","model_b":"b","winner_model_a":1,"winner_model_b":0,"prompt":"no list"}""", "list of turns")]
    [InlineData("""{"model_a":"a","model_b":"b","winner":"tie","prompt":3}""", "prompt")]
    [InlineData("""{"scores":{"a":2}}""", "[0, 1]")]
    [InlineData("""{"scores":{}}""", "no scores")]
    [InlineData("""{"scores":{"a":1}}""", "battles")]
    [InlineData("[]", "object")]
    [InlineData("{", "Expected")]
    public async Task A_line_that_is_no_row_is_named(string line, string reason)
    {
        string outcomes = Write("battles.jsonl", $"{{\"model_a\":\"a\",\"model_b\":\"b\",\"winner\":\"tie\"}}\n\n{line}\n");
        EvaluationDataException exception = await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, Npy("e.npy", Embeddings(2)), Path.Combine(_directory, "index.safetensors")));
        Assert.Equal((outcomes, 3), (exception.File, exception.Line));
        Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Embeddings_that_are_not_finite_or_not_as_many_are_named()
    {
        string outcomes = Write("battles.jsonl", string.Join('\n', Enumerable.Repeat("""{"model_a":"a","model_b":"b","winner":"tie"}""", 3)));
        string index = Path.Combine(_directory, "index.safetensors");
        float[][] embeddings = Embeddings(3);
        embeddings[2][1] = float.NaN;
        string path = Npy("nan.npy", embeddings);
        EvaluationDataException notFinite = await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, path, index));
        Assert.Equal((path, 3), (notFinite.File, notFinite.Line));
        EvaluationDataException fewer = await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, Npy("two.npy", Embeddings(2)), index));
        Assert.Contains("2 embeddings", fewer.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(index));
    }

    [Fact]
    public async Task Files_of_other_kinds_are_refused_by_name()
    {
        string outcomes = Write("battles.jsonl", """{"model_a":"a","model_b":"b","winner":"tie"}""");
        string sound = Npy("sound.npy", Embeddings(1));
        byte[] bytes = await File.ReadAllBytesAsync(sound, TestContext.Current.CancellationToken);
        for (int length = 0; length < bytes.Length; length++)
        {
            string cut = Path.Combine(_directory, "cut.npy");
            await File.WriteAllBytesAsync(cut, bytes[..length], TestContext.Current.CancellationToken);
            Assert.Equal(cut, (await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, cut, "unused"))).File);
        }

        foreach (string description in new[] { "'descr': '>f4', 'fortran_order': False, 'shape': (1, 3), ", "'descr': '<f4', 'fortran_order': True, 'shape': (1, 3), ", "'descr': '<f4', 'fortran_order': False, 'shape': (3,), ", "'descr': '<i4', 'fortran_order': False, 'shape': (1, 3), " })
        {
            string path = Path.Combine(_directory, "other.npy");
            await File.WriteAllBytesAsync(path, NpyBytes($"{{{description}}}", new byte[12]), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, path, "unused"));
        }

        string notParquet = Write("not.parquet", "not a Parquet file at all");
        Assert.Equal(notParquet, (await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, notParquet, "unused"))).File);
        Assert.Equal(notParquet, (await Assert.ThrowsAsync<EvaluationDataException>(() => Import(notParquet, sound, "unused"))).File);

        string parquet = await Parquet("p.parquet", [new Battle("a", "b", BattleWinner.Tie, LongPrompt)], Embeddings(1), 10);
        Assert.Contains("model_a", (await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, parquet, "unused", new() { EmbeddingColumn = "vector" }))).Message, StringComparison.Ordinal);
        Assert.Contains("lists", (await Assert.ThrowsAsync<EvaluationDataException>(() => Import(outcomes, parquet, "unused", new() { EmbeddingColumn = "model_a" }))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<FileNotFoundException>(() => Import(outcomes, Path.Combine(_directory, "missing.npy"), "unused"));
    }

    private static string Winner(Battle battle) => battle.Winner switch { BattleWinner.ModelA => "model_a", BattleWinner.ModelB => "model_b", _ => "tie (bothbad)" };

    private static float[][] Embeddings(int count) => [.. Enumerable.Range(0, count).Select(static i => new[] { i + 1f, 0.5f * i, -i })];

    private static Task<BattleIndexImportResult> Import(string outcomes, string embeddings, string index, BattleIndexImportOptions? options = null, IProgress<BattleIndexImportProgress>? progress = null) =>
        BattleIndexImporter.ImportAsync(outcomes, embeddings, index, options, progress, TestContext.Current.CancellationToken);

    private static byte[] NpyBytes(string header, ReadOnlySpan<byte> data)
    {
        byte[] text = Encoding.ASCII.GetBytes(header + "\n");
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. text, .. data];
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    private string Npy(string name, float[][] rows, string type = "<f4")
    {
        string path = Path.Combine(_directory, name);
        float[] flat = [.. rows.SelectMany(static row => row)];
        ReadOnlySpan<byte> data = type == "<f4" ? MemoryMarshal.AsBytes<float>(flat) : MemoryMarshal.AsBytes<double>(Array.ConvertAll(flat, static value => (double)value));
        File.WriteAllBytes(path, NpyBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({rows.Length}, {rows[0].Length}), }}", data));
        return path;
    }

    private async Task<string> Parquet(string name, Battle[] battles, float[][] embeddings, int rowsPerGroup)
    {
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        var a = new DataField<string>("model_a");
        var b = new DataField<string>("model_b");
        var winner = new DataField<string>("winner");
        var prompt = new DataField<string>("prompt");
        var embedding = new ListField("embedding", new DataField<float>("element"));
        string path = Path.Combine(_directory, name);
        await using FileStream stream = File.Create(path);
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(new ParquetSchema(a, b, winner, prompt, embedding), stream, cancellationToken: cancellationToken);
        foreach ((Battle Battle, float[] Embedding)[] rows in battles.Zip(embeddings).Chunk(rowsPerGroup))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(a, rows.Select(static row => row.Battle.ModelA).ToArray());
            await group.WriteAsync(b, rows.Select(static row => row.Battle.ModelB).ToArray());
            await group.WriteAsync(winner, rows.Select(static row => Winner(row.Battle)).ToArray());
            await group.WriteAsync(prompt, rows.Select(static row => row.Battle.Prompt!).ToArray());
            var element = (DataField)embedding.Item;
            float[] values = [.. rows.SelectMany(static row => row.Embedding)];
            int[] definitions = [.. values.Select(_ => element.MaxDefinitionLevel)];
            int[] repetitions = [.. rows.SelectMany(static row => row.Embedding.Select(static (_, i) => i == 0 ? 0 : 1))];
            await group.WriteAllPartsAsync<float>(element, values, definitions, repetitions, cancellationToken);
        }

        return path;
    }

    private sealed class Reports : IProgress<BattleIndexImportProgress>
    {
        public List<BattleIndexImportProgress> Seen { get; } = [];

        public Action? Reported { get; init; }

        public void Report(BattleIndexImportProgress value)
        {
            Seen.Add(value);
            Reported?.Invoke();
        }
    }
}
