using System.Text.Json.Serialization;

namespace RouteLLM.Training;

[JsonSerializable(typeof(string[]))]
internal sealed partial class StringListContext : JsonSerializerContext;
