using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

/// <summary>Finds the training data beside the repository; tests that need them are skipped where they are absent.</summary>
internal static class SharedData
{
    private static readonly Lazy<IReadOnlyList<EvaluationRow>?> s_rows = new(Load);

    public static IReadOnlyList<EvaluationRow> Rows()
    {
        Assert.SkipWhen(s_rows.Value is null, "There is no folder shared/data beside the repository.");
        return s_rows.Value!;
    }

    private static IReadOnlyList<EvaluationRow>? Load()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string data = Path.Combine(folder.FullName, "shared", "data");
            if (BuiltInRouterRecipe.FileNames.All(name => File.Exists(Path.Combine(data, name))))
            {
                return BuiltInRouterRecipe.ReadRows(data);
            }
        }

        return null;
    }
}
