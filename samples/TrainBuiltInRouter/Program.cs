// Trains the built-in router and prints how good it is on prompts it was not trained on.
//   dotnet run -c Release --project samples/TrainBuiltInRouter -- [--data FOLDER] [--output FILE] [--seed N] [--evaluate-only]
using System.Diagnostics;
using System.Globalization;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;
using TrainBuiltInRouter;

string data = "../shared/data";
string output = "src/RouteLLM.Net/Routers/BuiltIn/builtin.safetensors";
int seed = 0;
bool evaluateOnly = false;
for (int i = 0; i < args.Length; i++)
{
    switch (args[i])
    {
        case "--data" when i + 1 < args.Length:
            data = args[++i];
            break;
        case "--output" when i + 1 < args.Length:
            output = args[++i];
            break;
        case "--seed" when i + 1 < args.Length && int.TryParse(args[i + 1], NumberStyles.Integer, CultureInfo.InvariantCulture, out seed):
            i++;
            break;
        case "--evaluate-only":
            evaluateOnly = true;
            break;
        default:
            Console.Error.WriteLine($"Cannot understand '{args[i]}'. Usage: [--data FOLDER] [--output FILE] [--seed N] [--evaluate-only]");
            return 2;
    }
}

string[] missing = [.. BuiltInRouterRecipe.FileNames.Where(name => !File.Exists(Path.Combine(data, name)))];
if (missing.Length > 0)
{
    Console.Error.WriteLine($"The folder {Path.GetFullPath(data)} lacks {string.Join(", ", missing)}. Say where the data are with --data FOLDER.");
    return 1;
}

var clock = Stopwatch.StartNew();
IReadOnlyList<EvaluationRow> rows = BuiltInRouterRecipe.ReadRows(data);
HashedMatrixFactorizationModel model;
if (evaluateOnly)
{
    model = BuiltInRouter.Model;
}
else
{
    TrainedMatrixFactorization trained = BuiltInRouterRecipe.Train(rows, seed);
    File.WriteAllBytes(output, trained.Artifact.Span);
    model = trained.Model;
    Console.WriteLine($"Trained on {rows.Count(static row => row.Split == BuiltInRouterRecipe.TrainingSplit)} prompts in {clock.Elapsed.TotalSeconds:0} s; wrote {trained.Artifact.Length / 1e6:0.0} MB to {output}");
}

Console.WriteLine($"{model.Metadata["name"]}, {model.Models.Count} models, {model.Dimensions} dimensions, fingerprint {model.Fingerprint[..12]}");
Console.WriteLine();
RouterReport.Print(model.ForDefaultPair(), rows, Console.Out);
return 0;
