using System.Reflection;
using System.Runtime.Loader;

namespace RouteLLM.Onnx.Tests;

/// <summary>Loads the package under test and ONNX Runtime once more, as in an application that references no native package.</summary>
internal sealed class WithoutNativeLibrary() : AssemblyLoadContext(nameof(WithoutNativeLibrary))
{
    protected override Assembly? Load(AssemblyName assemblyName) =>
        assemblyName.Name is "Microsoft.ML.OnnxRuntime" or "RouteLLM.Net.Onnx" ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, assemblyName.Name + ".dll")) : null;

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        throw new DllNotFoundException($"Unable to load shared library '{unmanagedDllName}' or one of its dependencies.");
}
