namespace RouteLLM.Onnx;

/// <summary>Finds a model's files, and says what is there where one is missing.</summary>
internal static class OnnxModelFiles
{
    private const int LongestList = 8;
    private static readonly string[] s_usualNames = ["model.onnx", "onnx/model.onnx"];

    /// <summary>Gives the model's file.</summary>
    /// <param name="path">A file or a folder.</param>
    /// <param name="fileName">The name of the file in the folder, or <see langword="null"/> for the usual ones.</param>
    /// <exception cref="OnnxModelException">There is none.</exception>
    public static string Find(string path, string? fileName)
    {
        if (File.Exists(path))
        {
            return fileName is null || Path.GetFullPath(path).EndsWith(fileName, StringComparison.Ordinal)
                ? path
                : throw new OnnxModelException($"it is a file, and {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.FileName)} names another, '{fileName}'. Give the folder, or leave out the name.", path);
        }

        if (!Directory.Exists(path))
        {
            throw new OnnxModelException("there is no such file or folder. Give the folder that the model was exported to, or its .onnx file.", path);
        }

        string[] names = fileName is null ? s_usualNames : [fileName];
        return names.Select(name => Path.Combine(path, name)).FirstOrDefault(File.Exists) ?? throw new OnnxModelException(
            $"the folder has no '{string.Join("' or '", names)}'; {WhatIsThere(path)} Say which file it is in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.FileName)}, or export the model to ONNX.",
            path);
    }

    /// <summary>Refuses what is plainly no model, with a better word than the parser's.</summary>
    /// <exception cref="OnnxModelException">It is no model.</exception>
    public static void Check(string file)
    {
        Span<byte> start = stackalloc byte[24];
        int length;
        try
        {
            using FileStream stream = File.OpenRead(file);
            length = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxModelException($"its file cannot be read: {e.Message}", file, e);
        }

        if (length == 0)
        {
            throw new OnnxModelException("the file is empty. Copy or export it again.", file);
        }

        if (start[..length].StartsWith("version https://git-lfs"u8))
        {
            throw new OnnxModelException("the file is a pointer of Git LFS, not the model. Fetch the model itself with 'git lfs pull'.", file);
        }
    }

    /// <summary>Gives the model's file and the external data beside it, which exporters name after it.</summary>
    public static IEnumerable<string> WithExternalData(string file)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        string name = Path.GetFileName(file);
        return Directory.EnumerateFiles(folder, name + "*")
            .Where(other => Path.GetFileName(other) is var found && (found == name || found.StartsWith(name + "_data", StringComparison.Ordinal) || found.StartsWith(name + ".data", StringComparison.Ordinal)))
            .Order(StringComparer.Ordinal);
    }

    private static string WhatIsThere(string folder)
    {
        string[] models = [.. Directory.EnumerateFiles(folder, "*.onnx", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal).Take(LongestList)];
        return models.Length == 0 ? "it holds no .onnx file at all." : $"it holds '{string.Join("', '", models)}'.";
    }
}
