// Adapts a router to your own prompts, says whether it helped, and how many labels would.
//   dotnet run -c Release --project samples/AdaptRouter -- --data FILE... [--strong A --weak B] [--base builtin|FILE] [--output FILE] [--learning-curve]
//   dotnet run -c Release --project samples/AdaptRouter -- --check-claim FOLDER [--cache FOLDER]
using AdaptRouter;
using RouteLLM;
using RouteLLM.Evaluation;
using RouteLLM.Training;

try
{
    var arguments = Arguments.Parse(args);
    if (arguments.ClaimData is { } folder)
    {
        ClaimCheck.Run(folder, arguments.Cache, Console.Out);
        return 0;
    }

    // A file holds a matrix factorisation over hashed features, as the built-in router does, or a linear model.
    SafetensorsFile? file = arguments.Base == "builtin" ? null : SafetensorsFile.Load(arguments.Base);
    LinearModel? linear = file?.Metadata.GetValueOrDefault("kind") == "linear" ? LinearModel.Load(file) : null;
    HashedMatrixFactorizationModel? factorization = linear is not null ? null : file is null ? BuiltInRouter.Model : HashedMatrixFactorizationModel.Load(file);
    string strong = arguments.Strong ?? linear?.StrongModel ?? factorization!.StrongModel, weak = arguments.Weak ?? linear?.WeakModel ?? factorization!.WeakModel;
    AdaptationSet[] sets = [.. arguments.Data.Select(file => Read(file.Path, file.Weight, false)), .. arguments.Replay.Select(file => Read(file.Path, file.Weight, true))];
    var options = new AdaptationOptions { StrongModel = strong, WeakModel = weak, Name = arguments.Name, Seed = arguments.Seed };
    if (arguments.LearningCurve)
    {
        foreach (AdaptationSet set in sets.Where(static set => !set.IsReplay))
        {
            var curve = new LearningCurveOptions { Seed = arguments.Seed };
            Report.Print(set, linear is not null ? AdaptationLearningCurve.Create(linear, set, options: options, curve: curve) : AdaptationLearningCurve.Create(factorization!, set, options: options, curve: curve), Console.Out);
        }

        return 0;
    }

    AdaptedRouter adapted = linear is not null ? RouterAdapter.Adapt(linear, sets, options) : RouterAdapter.Adapt(factorization!, sets, options);
    Report.Print(adapted, Console.Out);
    if (adapted.Report!.Verdict == AdaptationVerdict.NoGain && !arguments.Always)
    {
        Console.WriteLine("Nothing was written; --always writes all the same.");
        return 0;
    }

    File.WriteAllBytes(arguments.Output, adapted.Artifact.Span);
    Console.WriteLine($"Wrote {adapted.Artifact.Length / 1e6:0.0} MB to {arguments.Output}: {strong} against {weak}.");
    return 0;

    AdaptationSet Read(string path, double weight, bool isReplay) => AdaptationSet.FromRows(
        Path.GetFileName(path),
        EvaluationRowReader.ReadFile(path).Where(row => row.Source.StartsWith(arguments.Source, StringComparison.Ordinal) && (arguments.Split is null || row.Split == arguments.Split)),
        strong,
        weak,
        weight,
        isReplay,
        row => RowGroups.Of(row, arguments.GroupSize));
}
catch (Exception exception) when (exception is ArgumentException or IOException or EvaluationDataException or InvalidArtifactException or UnauthorizedAccessException)
{
    Console.Error.WriteLine(exception.Message);
    return 1;
}
