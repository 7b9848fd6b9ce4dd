// Trains a clustered model from rows with scores of three models or more, and shows what it is worth on rows it was fitted without.
//   dotnet run -c Release --project samples/TrainClusters -- --data rows.jsonl.gz [--clusters 8] [--cheapest-first small,medium,large] [--pair large,small] [--output clusters.safetensors]
using System.CommandLine;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

var data = new Option<string>("--data") { Required = true, Description = "Rows with prompts and scores: .jsonl or .jsonl.gz." };
var clusters = new Option<int>("--clusters") { DefaultValueFactory = _ => 12, Description = "The number of clusters; 0 to choose it by the silhouette." };
var cheapestFirst = new Option<string?>("--cheapest-first") { Description = "All models from the cheapest to the dearest, with commas between: learn the best model, ties going to the cheapest, instead of rewards." };
var pair = new Option<string?>("--pair") { Description = "The strong and the weak model to calibrate for, with a comma between." };
var output = new Option<string?>("--output") { Description = "The artifact to write." };
var command = new RootCommand("Trains a clustered model.") { data, clusters, cheapestFirst, pair, output };

command.SetAction(async (parsed, cancellationToken) =>
{
    string[]? priceOrder = parsed.GetValue(cheapestFirst)?.Split(',');
    string[]? models = parsed.GetValue(pair)?.Split(',');
    var options = new ClusteredModelTrainingOptions
    {
        ClusterCount = parsed.GetValue(clusters) is var count and not 0 ? count : null,
        Labels = priceOrder is null ? ClusterLabels.RewardDistribution : ClusterLabels.BestModel,
        PriceOrder = priceOrder,
        StrongModel = models?[0],
        WeakModel = models?[^1],
    };
    try
    {
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(parsed.GetRequiredValue(data)).Where(static row => row.Split == "train")];
        using var embedder = new HashedTextEmbeddingGenerator();
        TrainedClusteredModel trained = await ClusteredModelTrainer.TrainAsync(rows, embedder, options, new WarningPrinter(), cancellationToken);
        Print(trained);
        if (parsed.GetValue(output) is { } path)
        {
            trained.Model.Save(path);
        }

        return 0;
    }
    catch (OperationCanceledException)
    {
        Console.Error.WriteLine("Cancelled; nothing was written.");
        return 130;
    }
    catch (Exception error) when (error is IOException or UnauthorizedAccessException or EvaluationDataException or ArgumentException)
    {
        Console.Error.WriteLine(error.Message);
        return 1;
    }
});
return await command.Parse(args).InvokeAsync();

static void Print(TrainedClusteredModel trained)
{
    Console.WriteLine($"Clusters of {string.Join(", ", trained.Model.ClusterRows)} rows; {trained.Artifact.Length / 1000} KB.");
    foreach ((int tried, double silhouette) in trained.Silhouettes)
    {
        Console.WriteLine(FormattableString.Invariant($"{tried,3} clusters: mean silhouette {silhouette:0.000}"));
    }

    Console.WriteLine($"{"on held-out rows",-22} {"mean score",10} {"none better",12} {"label met",10}");
    Show("clustered", trained.HeldOut.Clustered);
    Show("global classifier", trained.HeldOut.Global);
    Show("best single model", trained.HeldOut.BestSingle);
    Show("a model at random", trained.HeldOut.Random);
    Show("the best of each row", trained.HeldOut.Best);

    static void Show(string name, ModelChoiceQuality quality) =>
        Console.WriteLine(FormattableString.Invariant($"{name,-22} {quality.Quality,10:0.000} {quality.Accuracy,12:0.000} {quality.LabelAccuracy,10:0.000}"));
}

internal sealed class WarningPrinter : IProgress<ClusteredTrainingProgress>
{
    public void Report(ClusteredTrainingProgress value)
    {
        if (value.Warning is { } warning)
        {
            Console.Error.WriteLine($"Warning: {warning}");
        }
    }
}
