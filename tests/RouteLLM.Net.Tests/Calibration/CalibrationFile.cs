namespace RouteLLM.Tests.Calibration;

/// <summary>A calibration in a file of its own, which is deleted in the end.</summary>
internal sealed class CalibrationFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("routellm-calibration-");

    public CalibrationFile(RouterCalibration calibration) => calibration.Save(Path);

    public string Path => System.IO.Path.Combine(_folder.FullName, "calibration.json");

    public IEnumerable<string> FileNames => _folder.EnumerateFiles().Select(static file => file.Name);

    public void Dispose() => _folder.Delete(recursive: true);
}
