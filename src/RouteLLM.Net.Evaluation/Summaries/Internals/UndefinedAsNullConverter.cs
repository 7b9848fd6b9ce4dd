using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouteLLM.Evaluation;

/// <summary>Numbers that JSON has not, NaN and the infinities, are null; null is NaN.</summary>
internal sealed class UndefinedAsNullConverter : JsonConverter<double>
{
    public override bool HandleNull => true;

    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => double.NaN,
            JsonTokenType.Number => reader.GetDouble(),
            _ => throw new JsonException($"Expected a number or null, not {reader.TokenType}."),
        };

    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
