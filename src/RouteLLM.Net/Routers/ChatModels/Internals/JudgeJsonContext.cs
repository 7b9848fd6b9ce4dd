using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouteLLM;

/// <summary>Reads the judge's answer, strictly: nothing missing, nothing twice, nothing more.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict)]
[JsonSerializable(typeof(JudgeAnswer))]
internal sealed partial class JudgeJsonContext : JsonSerializerContext;
