namespace RouteLLM.Onnx.Tests;

/// <summary>Finds the folder of models and golden data beside the repository; tests that need it are skipped where it is absent.</summary>
internal static class SharedFolder
{
    public static string Find(string path)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string found = Path.Combine(folder.FullName, "shared", path);
            if (Path.Exists(found))
            {
                return found;
            }
        }

        Assert.Skip($"There is no 'shared/{path}' beside the repository.");
        return "";
    }
}
