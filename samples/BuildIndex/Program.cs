// Builds a battle index from files, with a progress bar.
//   dotnet run -c Release --project samples/BuildIndex -- --outcomes battles.jsonl --embeddings embeddings.npy --output index.safetensors
using System.CommandLine;
using RouteLLM;
using RouteLLM.Training;
using Spectre.Console;

var outcomes = new Option<string>("--outcomes") { Required = true, Description = "Battles or scores: .jsonl, .jsonl.gz or .parquet." };
var embeddings = new Option<string>("--embeddings") { Required = true, Description = "Embeddings, one row for each outcome: .npy or .parquet." };
var output = new Option<string>("--output") { Required = true, Description = "The index to write." };
var precision = new Option<EmbeddingPrecision>("--precision") { DefaultValueFactory = _ => EmbeddingPrecision.Full, Description = "How many bits of an embedding are kept: Full (32), Half (16) or Byte (8)." };
var embedder = new Option<string?>("--embedder") { Description = "The embedder's model id, so that the index is refused with another one." };
var command = new RootCommand("Builds a battle index for nearest-neighbour and similarity-weighted routing.") { outcomes, embeddings, output, precision, embedder };

command.SetAction(async (parsed, cancellationToken) =>
{
    var options = new BattleIndexImportOptions { Index = new() { Precision = parsed.GetValue(precision), Embedder = parsed.GetValue(embedder) } };
    string path = parsed.GetRequiredValue(output);
    try
    {
        BattleIndexImportResult result = await AnsiConsole.Progress().StartAsync(context =>
        {
            ProgressTask bar = context.AddTask("Indexing");
            return BattleIndexImporter.ImportAsync(
                parsed.GetRequiredValue(outcomes), parsed.GetRequiredValue(embeddings), path, options,
                new Progress<BattleIndexImportProgress>(progress => bar.Value(100.0 * progress.Done / Math.Max(progress.Total, 1))), cancellationToken);
        });
        Console.WriteLine(FormattableString.Invariant($"{path}: {result.Rows} rows of {result.Dimensions} numbers, {new FileInfo(path).Length / 1e6:0.0} MB; {result.LeftOut} rows left out because their prompts are too short."));
        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled; nothing was written.");
        return 130;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidArtifactException or RouteLLM.Evaluation.EvaluationDataException or ArgumentException)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
});
return await command.Parse(args).InvokeAsync();
