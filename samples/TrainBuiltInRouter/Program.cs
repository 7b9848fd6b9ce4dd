// Trains the built-in router, measures it on prompts it was not trained on, and writes its model card.
using System.CommandLine;
using System.Diagnostics;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

var data = new Option<DirectoryInfo>("--data") { Description = "The folder with the rows.", DefaultValueFactory = static _ => new DirectoryInfo("../shared/data") };
var more = new Option<FileInfo>("--more") { Description = "Rated rows of our own, to train on beside those of the folder.", DefaultValueFactory = static _ => new FileInfo("samples/TrainBuiltInRouter/Data/rated-prompts.jsonl") };
var output = new Option<FileInfo>("--output") { Description = "Where to write the artifact.", DefaultValueFactory = static _ => new FileInfo("src/RouteLLM.Net/Routers/BuiltIn/builtin.safetensors") };
var unseen = new Option<FileInfo>("--unseen") { Description = "Rated rows of an author nothing is trained on.", DefaultValueFactory = static _ => new FileInfo("tests/RouteLLM.Net.Training.Tests/BuiltIn/unseen-author.jsonl") };
var card = new Option<FileInfo?>("--card") { Description = "Where to write the model card, with sources and categories left out in turn (minutes); without it, the card goes to the console without them." };
var seed = new Option<int>("--seed") { Description = "The seed." };
var evaluateOnly = new Option<bool>("--evaluate-only") { Description = "Measure the router that is built in, and train none." };
var command = new RootCommand("Trains the built-in router, measures it, and writes its model card.") { data, more, output, unseen, card, seed, evaluateOnly };
command.SetAction((arguments, cancellationToken) => Task.Run(
    () =>
    {
        string folder = arguments.GetValue(data)!.FullName;
        string[] missing = [.. BuiltInRouterRecipe.FileNames.Where(name => !File.Exists(Path.Combine(folder, name)))];
        if (missing.Length > 0)
        {
            Console.Error.WriteLine($"The folder {folder} lacks {string.Join(", ", missing)}. Say where the data are with --data FOLDER.");
            return 1;
        }

        IReadOnlyList<EvaluationRow> rows = [.. BuiltInRouterRecipe.ReadRows(folder), .. EvaluationRowReader.ReadFile(arguments.GetValue(more)!.FullName)];
        HashedMatrixFactorizationModel model;
        if (arguments.GetValue(evaluateOnly))
        {
            model = BuiltInRouter.Model;
        }
        else
        {
            var clock = Stopwatch.StartNew();
            TrainedMatrixFactorization trained = BuiltInRouterRecipe.Train(rows, arguments.GetValue(seed), cancellationToken);
            string file = arguments.GetValue(output)!.FullName;
            File.WriteAllBytes(file, trained.Artifact.Span);
            model = trained.Model;
            Console.Error.WriteLine($"Trained on {rows.Count(static row => row.Split == BuiltInRouterRecipe.TrainingSplit)} prompts in {clock.Elapsed.TotalSeconds:0} s; wrote {trained.Artifact.Length / 1e6:0.00} MB to {file}");
        }

        FileInfo others = arguments.GetValue(unseen)!;
        IEnumerable<EvaluationRow> unseenRows = others.Exists ? EvaluationRowReader.ReadFile(others.FullName) : [];
        if (arguments.GetValue(card) is not { } cardFile)
        {
            BuiltInRouterCard.Write(Console.Out, model, rows, unseenRows, [], []);
            return 0;
        }

        Console.Error.WriteLine("Leaving out sources, authors and categories in turn ...");
        IReadOnlyList<SourceStudy> sources = BuiltInRouterStudy.LeaveOutSources(rows, arguments.GetValue(seed), cancellationToken);
        IReadOnlyList<SourceStudy> categories = BuiltInRouterStudy.LeaveOutCategories(rows, arguments.GetValue(seed), cancellationToken);
        using StreamWriter writer = cardFile.CreateText();
        BuiltInRouterCard.Write(writer, model, rows, unseenRows, sources, categories);
        Console.Error.WriteLine($"Wrote {cardFile.FullName}");
        return 0;
    },
    cancellationToken));
return await command.Parse(args).InvokeAsync();
