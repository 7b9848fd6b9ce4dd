using System.Security.Cryptography;

namespace RouteLLM;

/// <summary>A file that was calibrated on.</summary>
/// <param name="File">The file's name, without its folder.</param>
/// <param name="Rows">How many of its rows were used.</param>
/// <param name="Sha256">The SHA-256 hash of the file, in lower-case hexadecimal digits, or <see langword="null"/> if it was no file.</param>
public sealed record CalibrationData(string File, int Rows, string? Sha256 = null)
{
    /// <summary>Describes a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">How many of its rows were used.</param>
    /// <returns>The file's name and hash, and the rows.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    public static CalibrationData OfFile(string path, int rows)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = System.IO.File.OpenRead(path);
        return new CalibrationData(Path.GetFileName(path), rows, Convert.ToHexStringLower(SHA256.HashData(file)));
    }
}
