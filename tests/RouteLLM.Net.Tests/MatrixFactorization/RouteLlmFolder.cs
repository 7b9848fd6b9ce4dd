using RouteLLM.Tests.Artifacts;

namespace RouteLLM.Tests.MatrixFactorization;

/// <summary>A checkpoint of the reference's as it lies on disk: a folder with weights and configuration. Deleted when disposed.</summary>
internal sealed class RouteLlmFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-mf-");

    public RouteLlmFolder(string kind)
    {
        File.Copy(SafetensorsGoldenTests.PathOf(kind), WeightsPath);
        File.Copy(MatrixFactorizationGoldenTests.PathOf(kind, "config.json"), ConfigPath);
        File.SetAttributes(ConfigPath, FileAttributes.Normal);
    }

    public string Path => _folder.FullName;

    public string WeightsPath => System.IO.Path.Combine(Path, "model.safetensors");

    public string ConfigPath => System.IO.Path.Combine(Path, "config.json");

    public void Dispose() => _folder.Delete(recursive: true);
}
