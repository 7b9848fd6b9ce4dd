using System.Reflection;
using Microsoft.ML.OnnxRuntime;

namespace RouteLLM.Onnx;

/// <summary>The native part of ONNX Runtime is missing, is of another version than the managed one, or is not made for this processor.</summary>
/// <remarks>RouteLLM.Net.Onnx references the managed part alone, so that the application chooses the native one. The message says which package to add.</remarks>
public sealed class OnnxRuntimeNotFoundException : OnnxModelException
{
    internal OnnxRuntimeNotFoundException(string modelPath, Exception innerException)
        : base(
            $"the native part of ONNX Runtime could not be loaded ({FirstSentence(Root(innerException).Message)}). "
            + $"Add it to the application's project: the package Microsoft.ML.OnnxRuntime, version {ManagedVersion}, for the processor; Microsoft.ML.OnnxRuntime.Gpu for CUDA; Microsoft.ML.OnnxRuntime.DirectML for DirectML.",
            modelPath,
            innerException)
    {
    }

    private static string ManagedVersion =>
        typeof(InferenceSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "as Microsoft.ML.OnnxRuntime.Managed";

    // What follows on Linux is every path that was tried, a dozen lines of them; the inner exception has it all.
    private static string FirstSentence(string message) => message.Split('\n')[0].Split(". ")[0].TrimEnd('.', ' ', '\r');

    private static Exception Root(Exception exception)
    {
        while (exception is TypeInitializationException { InnerException: { } inner })
        {
            exception = inner;
        }

        return exception;
    }
}
