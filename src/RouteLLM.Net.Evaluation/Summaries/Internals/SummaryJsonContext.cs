using System.Text.Json.Serialization;

namespace RouteLLM.Evaluation;

/// <summary>How summaries are written, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, Converters = [typeof(UndefinedAsNullConverter)])]
[JsonSerializable(typeof(EvaluationSummary))]
internal sealed partial class SummaryJsonContext : JsonSerializerContext;
