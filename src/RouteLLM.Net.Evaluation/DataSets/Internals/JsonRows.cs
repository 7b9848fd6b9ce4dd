using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RouteLLM.Evaluation;

/// <summary>Reads rows from JSON: lines, or one array.</summary>
internal static class JsonRows
{
    public const string HalfCharacter = "the text has half of a surrogate pair, which is no character.";

    /// <summary>Reads one object a line; blank lines are skipped.</summary>
    public static IEnumerable<EvaluationRow> ReadLines(TextReader reader, string name, EvaluationReaderOptions options)
    {
        var builder = new RowBuilder(options, name);
        byte[] buffer = [];
        int rows = 0;
        for (int number = 1; TextLines.Read(reader, name, number) is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                continue;
            }

            int needed = Encoding.UTF8.GetMaxByteCount(line.Length);
            if (buffer.Length < needed)
            {
                buffer = new byte[needed];
            }

            int length = Encoding.UTF8.GetBytes(line, buffer);
            yield return ReadLine(buffer.AsSpan(0, length), name, number, ++rows, builder);
        }
    }

    /// <summary>Reads an array of objects.</summary>
    public static IEnumerable<EvaluationRow> ReadArray(byte[] json, string name, EvaluationReaderOptions options)
    {
        var builder = new RowBuilder(options, name);
        var state = default(JsonReaderState);
        int offset = 0, rows = 0;
        while (NextOfArray(json, ref offset, ref state, name, ++rows, builder) is { } row)
        {
            yield return row;
        }
    }

    /// <summary>Says what is wrong with JSON, without where: the framework's message ends in its own idea of line and position.</summary>
    public static string Explain(JsonException exception)
    {
        int end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return $"it is not valid JSON: {(end < 0 ? exception.Message : exception.Message[..end])}";
    }

    private static EvaluationRow ReadLine(ReadOnlySpan<byte> json, string name, int number, int row, RowBuilder builder)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            ReadRow(ref reader, builder);
            if (reader.Read())
            {
                throw new RowProblemException("there is more after the object; expected one object a line.");
            }

            return builder.Build(number, row);
        }
        catch (JsonException exception)
        {
            throw new EvaluationDataException(name, number, Encoding.UTF8.GetCharCount(json[..(int)Math.Min(exception.BytePositionInLine ?? 0, json.Length)]) + 1, Explain(exception), exception);
        }
        catch (InvalidOperationException exception)
        {
            throw new EvaluationDataException(name, number, Encoding.UTF8.GetCharCount(json[..(int)reader.TokenStartIndex]) + 1, HalfCharacter, exception);
        }
        catch (RowProblemException exception)
        {
            // What is wrong with the whole row has no column.
            int? column = exception.Column is null ? null : Encoding.UTF8.GetCharCount(json[..exception.Column.Value]) + 1;
            throw new EvaluationDataException(name, number, column, exception.Message, exception.InnerException);
        }
    }

    private static EvaluationRow? NextOfArray(byte[] json, ref int offset, ref JsonReaderState state, string name, int row, RowBuilder builder)
    {
        var reader = new Utf8JsonReader(json.AsSpan(offset), isFinalBlock: true, state);
        int start = offset, begin = offset;
        try
        {
            if (offset == 0)
            {
                reader.Read();
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                return null;
            }

            begin = start + (int)reader.TokenStartIndex;
            ReadRow(ref reader, builder);
            state = reader.CurrentState;
            offset = start + (int)reader.BytesConsumed;
            return builder.Build(LineAt(json, begin).Line, row);
        }
        catch (JsonException exception)
        {
            throw Located(Math.Min(start + (int)reader.BytesConsumed, json.Length), Explain(exception), exception);
        }
        catch (InvalidOperationException exception)
        {
            throw Located(start + (int)reader.TokenStartIndex, HalfCharacter, exception);
        }
        catch (RowProblemException exception)
        {
            throw exception.Column is { } column
                ? Located(start + column, exception.Message, exception.InnerException)
                : new EvaluationDataException(name, LineAt(json, begin).Line, exception.Message, exception.InnerException);
        }

        EvaluationDataException Located(int position, string problem, Exception? inner)
        {
            (int line, int column) = LineAt(json, position);
            return new EvaluationDataException(name, line, column, problem, inner);
        }
    }

    private static (int Line, int Column) LineAt(byte[] json, int position)
    {
        ReadOnlySpan<byte> before = json.AsSpan(0, position);
        return (before.Count((byte)'\n') + 1, Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1);
    }

    private static void ReadRow(ref Utf8JsonReader reader, RowBuilder builder)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RowProblemException($"a row is a JSON object, not {Kind(reader.TokenType)}.", (int)reader.TokenStartIndex);
        }

        builder.Clear();
        char[] path = ArrayPool<char>.Shared.Rent(256);
        try
        {
            ReadObject(ref reader, builder, ref path, 0);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(path);
        }
    }

    private static void ReadObject(ref Utf8JsonReader reader, RowBuilder builder, ref char[] path, int prefix)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            int needed = prefix + reader.ValueSpan.Length + 1;
            if (path.Length < needed)
            {
                char[] longer = ArrayPool<char>.Shared.Rent(needed);
                path.AsSpan(0, prefix).CopyTo(longer);
                ArrayPool<char>.Shared.Return(path);
                path = longer;
            }

            int length = prefix + reader.CopyString(path.AsSpan(prefix));
            RowColumn column = builder.Column(path.AsSpan(0, length));
            reader.Read();
            if (column.Field == RowField.None)
            {
                reader.Skip();
            }
            else if (column.Field == RowField.Group && reader.TokenType == JsonTokenType.StartObject)
            {
                path[length] = '.';
                ReadObject(ref reader, builder, ref path, length + 1);
            }
            else
            {
                SetValue(ref reader, builder, column);
            }
        }
    }

    private static void SetValue(ref Utf8JsonReader reader, RowBuilder builder, RowColumn column)
    {
        int position = (int)reader.TokenStartIndex;
        RowCell cell = reader.TokenType switch
        {
            JsonTokenType.Null => RowCell.Nothing,
            JsonTokenType.String => RowCell.OfText(reader.GetString()!),
            JsonTokenType.Number => RowCell.OfNumber(reader.GetDouble(), Encoding.UTF8.GetString(reader.ValueSpan)),
            JsonTokenType.True => RowCell.OfNumber(1, "true"),
            JsonTokenType.False => RowCell.OfNumber(0, "false"),
            _ => RowCell.OfOther(Kind(reader.TokenType)),
        };
        try
        {
            builder.Set(column, cell);
        }
        catch (RowProblemException exception)
        {
            throw new RowProblemException(exception.Message, position);
        }

        reader.Skip();
    }

    private static string Kind(JsonTokenType type) => type switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.Null => "null",
        _ => "a truth value",
    };
}
