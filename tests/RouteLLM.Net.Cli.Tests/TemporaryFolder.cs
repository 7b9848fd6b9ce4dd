using System.IO.Compression;

namespace RouteLLM.Cli.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-cli-");

    public string Path => _folder.FullName;

    public IEnumerable<string> FileNames => _folder.EnumerateFileSystemInfos().Select(static file => file.Name).Order(StringComparer.Ordinal);

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string WritePacked(string name, string text)
    {
        using var file = new StreamWriter(new GZipStream(File.Create(this[name]), CompressionLevel.Fastest));
        file.Write(text);
        return this[name];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
