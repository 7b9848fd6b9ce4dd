namespace RouteLLM.Evaluation.Tests;

/// <summary>Finds the data beside the repository; tests that need them are skipped where they are absent.</summary>
internal static class SharedData
{
    public static IEnumerable<EvaluationRow> Read(string name)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "data", name);
            if (File.Exists(path))
            {
                return EvaluationRowReader.ReadFile(path);
            }
        }

        Assert.Skip($"There is no file shared/data/{name} beside the repository.");
        return [];
    }
}
