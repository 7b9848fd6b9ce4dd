namespace RouteLLM.Cli.Tests;

/// <summary>Models as ONNX.</summary>
internal static class Models
{
    /// <summary>Gets the folder of a tiny classifier, which comes with the tests.</summary>
    public static string TinyBert => Path.Combine(AppContext.BaseDirectory, "bert-uncased");

    /// <summary>Gives the folder of the sentence-embedding model beside the repository; the test is skipped where it is absent.</summary>
    public static string MiniLm()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "models", "all-minilm-l6-v2-int8");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip("There is no shared/models/all-minilm-l6-v2-int8 beside the repository.");
        return "";
    }
}
