using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace RouteLLM.Onnx;

/// <summary>A model loaded into an ONNX Runtime session: what routers and embedding generators of this package run.</summary>
/// <remarks>Thread-safe; one session serves all callers. Disposing it releases the session, so whoever runs it disposes it last.</remarks>
public sealed class OnnxModel : IDisposable
{
    private readonly Lazy<string> _fingerprint;
    private bool _isDisposed;

    private OnnxModel(string path, string folder, OnnxModelOptions options, InferenceSession session)
    {
        Path = path;
        Folder = folder;
        Options = options;
        Session = session;
        Inputs = [.. session.InputNames.Select(name => new OnnxTensorInfo(name, session.InputMetadata[name]))];
        Outputs = [.. session.OutputNames.Select(name => new OnnxTensorInfo(name, session.OutputMetadata[name]))];
        _fingerprint = new Lazy<string>(() => Hash(path));
    }

    /// <summary>Gets the model's file.</summary>
    public string Path { get; }

    /// <summary>Gets the folder of the model's parts: its configuration and tokenizer.</summary>
    public string Folder { get; }

    /// <summary>Gets the inputs, in the model's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Inputs { get; }

    /// <summary>Gets the outputs, in the model's order.</summary>
    public IReadOnlyList<OnnxTensorInfo> Outputs { get; }

    /// <summary>Gets a hash (SHA-256, lower-case hexadecimal) of the model's file and of external data beside it that are named after it; it is computed when first asked for.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public string Fingerprint => _fingerprint.Value;

    internal OnnxModelOptions Options { get; }

    internal InferenceSession Session { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="path">A folder that holds the model and its parts, or the model's file.</param>
    /// <param name="options">How to find, load and run it; the defaults if <see langword="null"/>.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or an option is out of range.</exception>
    /// <exception cref="OnnxRuntimeNotFoundException">The application has no native ONNX Runtime.</exception>
    /// <exception cref="OnnxModelException">There is no model at <paramref name="path"/>, or it is damaged or cannot be run.</exception>
    public static OnnxModel Load(string path, OnnxModelOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new OnnxModelOptions();
        options.Validate();
        string file = OnnxModelFiles.Find(path, options.FileName);
        OnnxModelFiles.Check(file);
        string folder = Directory.Exists(path) ? path : System.IO.Path.GetDirectoryName(file) ?? ".";
        return new OnnxModel(file, folder, options, Open(file, options));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The session's own check is not atomic: two callers at once would release its memory twice, which ends the process.
        if (!Interlocked.Exchange(ref _isDisposed, true))
        {
            Session.Dispose();
        }
    }

    /// <summary>Finds an input by name.</summary>
    /// <exception cref="OnnxModelException">The model has none of that name.</exception>
    internal OnnxTensorInfo Input(string name, string option) =>
        Inputs.FirstOrDefault(input => input.Name == name)
        ?? throw Problem($"it has no input '{name}'; its inputs are {Describe(Inputs)}. Say which one it is in {nameof(OnnxModelOptions)}.{option}, or export the model again.");

    /// <summary>Finds the output that the options name; by default the first there is of the usual names, or the only one.</summary>
    /// <exception cref="OnnxModelException">The model has none of that name.</exception>
    internal OnnxTensorInfo Output(params ReadOnlySpan<string> usualNames)
    {
        if (Options.OutputName is { } chosen)
        {
            return FindOutput(chosen)
                ?? throw Problem($"it has no output '{chosen}'; its outputs are {Describe(Outputs)}. Change {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}.");
        }

        foreach (string name in usualNames)
        {
            if (FindOutput(name) is { } output)
            {
                return output;
            }
        }

        return Outputs.Count == 1
            ? Outputs[0]
            : throw Problem($"it has no output '{string.Join("' or '", usualNames.ToArray())}'; its outputs are {Describe(Outputs)}. "
                + $"Say which one to read in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}, or export the model for the right task.");
    }

    internal OnnxModelException Problem(string problem, Exception? innerException = null) => new(problem, Path, innerException);

    internal static string Describe(IEnumerable<OnnxTensorInfo> tensors) => string.Join(", ", tensors.Select(static tensor => tensor.Description));

    private static InferenceSession Open(string file, OnnxModelOptions options)
    {
        try
        {
            using SessionOptions session = options.CreateSessionOptions();
            return new InferenceSession(file, session);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException)
        {
            throw new OnnxRuntimeNotFoundException(file, e);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new OnnxModelException(
                $"the native ONNX Runtime of this application lacks a function ({e.Message.TrimEnd('.', ' ')}). An execution provider that {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.ConfigureSession)} appends needs the native package that has it, "
                + "such as Microsoft.ML.OnnxRuntime.Gpu for CUDA.",
                file,
                e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OnnxModelException(
                $"ONNX Runtime cannot load it: {e.Message.Trim()} Check that it was copied whole, with external data beside it, and that ONNX Runtime {typeof(InferenceSession).Assembly.GetName().Version} knows its version and operators; else export it again.",
                file,
                e);
        }
    }

    private static string Hash(string path)
    {
        // External data are part of the model: fine-tuning may change nothing else.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        foreach (string file in OnnxModelFiles.WithExternalData(path))
        {
            using FileStream stream = File.OpenRead(file);
            SHA256.HashData(stream, digest);
            hash.AppendData(digest);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private OnnxTensorInfo? FindOutput(string name) => Outputs.FirstOrDefault(output => output.Name == name);
}
