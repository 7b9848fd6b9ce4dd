using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouteLLM.Cli;

/// <summary>The option <c>--json FILE</c>, which every command has.</summary>
internal sealed class JsonOption : Option<string?>
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new NumberConverter() },
    };

    public JsonOption()
        : base("--json")
    {
        Description = "Write the result as JSON to this file; - for standard output, which then gets nothing else.";
        HelpName = "FILE";
    }

    /// <summary>Says whether standard output is for the JSON alone.</summary>
    public bool TakesStandardOutput(ParseResult result) => result.GetValue(this) == OutputFile.Standard;

    /// <summary>Writes the result if it is wanted as JSON, and shows it unless standard output is for the JSON.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="terminal">Where standard output is.</param>
    /// <param name="value">The result: an object whose properties, named in snake case, are the JSON's. Numbers that JSON has not are null.</param>
    /// <param name="show">Shows it to the user.</param>
    public void Present<T>(ParseResult result, Terminal terminal, T value, Action show)
    {
        if (!TakesStandardOutput(result))
        {
            show();
        }

        if (result.GetValue(this) is { } path)
        {
            using OutputFile file = OutputFile.Create(path, terminal);
            JsonSerializer.Serialize(file.Stream, value, s_options);
            file.Stream.WriteByte((byte)'\n');
            file.Commit();
        }
    }

    private sealed class NumberConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

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
}
