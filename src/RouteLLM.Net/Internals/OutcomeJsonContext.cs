using System.Text.Json.Serialization;

namespace RouteLLM.Internals;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(RouteOutcome))]
internal sealed partial class OutcomeJsonContext : JsonSerializerContext;
