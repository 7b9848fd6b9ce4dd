namespace RouteLLM.Onnx;

/// <summary>A model cannot be loaded or run: a file is missing or damaged, parts contradict each other, or the model computes something other than what was asked of it.</summary>
/// <remarks>The message names the file, says what was wrong and what was expected, and what to do.</remarks>
public class OnnxModelException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="OnnxModelException"/> class.</summary>
    /// <param name="problem">What was wrong, what was expected and what to do: one or more whole sentences.</param>
    /// <param name="modelPath">The file or folder of the model.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public OnnxModelException(string problem, string modelPath, Exception? innerException = null)
        : base($"The model '{modelPath}' cannot be used: {problem}", innerException)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(modelPath);
        ModelPath = modelPath;
    }

    /// <summary>Gets the file or folder of the model.</summary>
    public string ModelPath { get; }
}
