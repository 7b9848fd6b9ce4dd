// Trains a nearest-neighbour router on a sentence-embedding model that runs here, and measures it on held-back prompts: no service, no key, no download.
//   dotnet run -c Release --project samples/KnnOnMiniLM -- MODEL_FOLDER DATA_FOLDER [INDEX_FILE]
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Onnx;

const string Strong = "gpt-4-1106-preview", Weak = "mistralai/Mixtral-8x7B-Instruct-v0.1", FaultySubject = "mmlu/high_school_mathematics";
const int BatchSize = 256;

if (args is not [var model, var data, ..] || args.Length > 3)
{
    Console.Error.WriteLine("Usage: MODEL_FOLDER DATA_FOLDER [INDEX_FILE], a folder with all-MiniLM-L6-v2 as ONNX, one with routellm.jsonl.gz, and where to write the index.");
    return 2;
}

using var interrupted = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};
try
{
    EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(Path.Combine(data, "routellm.jsonl.gz"))];

    // The model was trained on texts of at most 256 tokens; its tokenizer's file says 128.
    using OnnxEmbeddingGenerator embedder = OnnxEmbeddingGenerator.Load(model, new() { MaxTokens = 256 });
    var watch = Stopwatch.StartNew();
    EvaluationRow[] known = [.. rows.Where(static row => row.Split == "train")];
    var builder = new BattleIndexBuilder(new() { Embedder = embedder.ModelId, KeepPrompts = false });
    ReadOnlyMemory<float>[] knownVectors = await EmbedAsync(embedder, known, interrupted.Token);
    for (int i = 0; i < known.Length; i++)
    {
        builder.Add(null, known[i].Scores, knownVectors[i].Span);
    }

    Write($"{known.Length} prompts embedded and indexed in {watch.Elapsed.TotalSeconds:0} s");
    if (args is [_, _, var path])
    {
        builder.Save(path);
        Write($"{path}: {new FileInfo(path).Length / 1e6:0.0} MB");
    }

    using BattleIndex index = builder.Build();
    EvaluationRow[] held = [.. rows.Where(static row => row.Split == "eval")];
    ReadOnlyMemory<float>[] vectors = await EmbedAsync(embedder, held, interrupted.Token);
    Write($"{"neighbours",-11} {"MMLU*",-15} {"MMLU",-15} {"GSM8K",-15} {"MT-Bench",-15}");
    foreach (int neighbors in (int[])[50, 200])
    {
        var router = new NearestNeighborRouter(index, Strong, Weak, embedder, new() { Neighbors = neighbors });
        (EvaluationRow Row, double P)[] scored = [.. held.Select((row, i) => (row, router.PredictWinProbability(vectors[i].Span)))];
        string mmlu = Apgr(scored, static row => row.Source.StartsWith("mmlu/", StringComparison.Ordinal) && row.Source != FaultySubject);
        string all = Apgr(scored, static row => row.Source.StartsWith("mmlu/", StringComparison.Ordinal));
        string gsm8k = Apgr(scored, static row => row.Source.StartsWith("gsm8k", StringComparison.Ordinal));
        string mtBench = Apgr(scored, static row => row.Source.StartsWith("mt", StringComparison.Ordinal));
        Write($"{neighbors,-11} {mmlu,-15} {all,-15} {gsm8k,-15} {mtBench,-15}");
    }

    return 0;
}
catch (Exception error) when (error is OnnxModelException or EvaluationDataException or IOException or UnauthorizedAccessException or ArgumentException)
{
    Console.Error.WriteLine(error.Message);
    return 1;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    Console.Error.WriteLine("Interrupted.");
    return 130;
}

static async Task<ReadOnlyMemory<float>[]> EmbedAsync(OnnxEmbeddingGenerator embedder, EvaluationRow[] rows, CancellationToken cancellationToken)
{
    var vectors = new List<ReadOnlyMemory<float>>(rows.Length);
    foreach (EvaluationRow[] batch in rows.Chunk(BatchSize))
    {
        vectors.AddRange((await embedder.GenerateAsync(batch.Select(static row => row.Prompt), cancellationToken: cancellationToken)).Select(static embedding => embedding.Vector));
        Console.Error.WriteLine($"{vectors.Count} of {rows.Length} prompts embedded");
    }

    return [.. vectors];
}

// Area under the curve of quality recovered over the share of prompts that the strong model answers, with the 95% interval of 1,000 bootstrap samples.
static string Apgr((EvaluationRow Row, double P)[] scored, Func<EvaluationRow, bool> belongs)
{
    (EvaluationRow Row, double P)[] rows = [.. scored.Where(s => belongs(s.Row))];
    double Of((EvaluationRow Row, double P)[] sample) => CostQualityCurve.Create(
        [.. sample.Select(static s => s.P)], [.. sample.Select(static s => s.Row.Scores[Strong])], [.. sample.Select(static s => s.Row.Scores[Weak])]).Apgr;
    BootstrapInterval interval = BootstrapInterval.Create(rows.Length, indices => Of([.. indices.Select(i => rows[i])]));
    return string.Create(CultureInfo.InvariantCulture, $"{Of(rows):0.000} +- {interval.HalfWidth:0.000}");
}

static void Write(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
