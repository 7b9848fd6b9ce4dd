namespace RouteLLM.Onnx.Tests;

/// <summary>A folder that is deleted at the end of a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("routellm-onnx-").FullName;

    /// <summary>Copies files of a folder into it.</summary>
    public TemporaryFolder With(string source, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            File.Copy(System.IO.Path.Combine(source, name), System.IO.Path.Combine(Path, name));
        }

        return this;
    }

    /// <summary>Writes a file.</summary>
    public TemporaryFolder With(string name, string content)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, name), content);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
