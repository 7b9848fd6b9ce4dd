namespace RouteLLM.Onnx.Tests;

/// <summary>A folder with a model in it, deleted in the end.</summary>
internal sealed class ModelFolder : IDisposable
{
    private ModelFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), "routellm-onnx-" + Guid.NewGuid().ToString("N"));

    public static ModelFolder Empty() => new();

    /// <summary>A model over the tokens of the tiny BERT model.</summary>
    public static ModelFolder Of(OnnxGraph graph, string? configuration = null)
    {
        var folder = new ModelFolder();
        graph.Save(folder.Path);
        foreach (string name in (string[])["vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"])
        {
            File.Copy(Golden.File("bert-uncased", name), folder[name]);
        }

        if (configuration is not null)
        {
            File.WriteAllText(folder["config.json"], configuration);
        }

        return folder;
    }

    /// <summary>A copy of a folder.</summary>
    public static ModelFolder CopyOf(string source)
    {
        var folder = new ModelFolder();
        foreach (string file in Directory.EnumerateFiles(source))
        {
            File.Copy(file, folder[System.IO.Path.GetFileName(file)]);
        }

        return folder;
    }

    /// <summary>Copies files of another folder into it.</summary>
    public ModelFolder With(string source, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            File.Copy(System.IO.Path.Combine(source, name), this[name]);
        }

        return this;
    }

    /// <summary>Writes a file into it, or over one.</summary>
    public ModelFolder WithText(string name, string content)
    {
        File.WriteAllText(this[name], content);
        return this;
    }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
