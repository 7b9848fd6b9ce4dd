namespace RouteLLM.Onnx.Tests;

/// <summary>The tiny models that come with the tests.</summary>
internal static class GoldenFolder
{
    public static string Find(string model) => Path.Combine(AppContext.BaseDirectory, "golden", model);
}
