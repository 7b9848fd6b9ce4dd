using System.Text.Json.Serialization;

namespace RouteLLM;

/// <summary>What the judge answers, and nothing else.</summary>
internal sealed record JudgeAnswer([property: JsonPropertyName("difficulty")] int Difficulty);
