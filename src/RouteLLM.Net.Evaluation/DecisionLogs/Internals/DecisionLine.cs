using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RouteLLM.Evaluation;

/// <summary>Reads one line of a decision log.</summary>
internal ref struct DecisionLine
{
    // Above 2^53 a double no longer holds every whole number.
    private const double MaxCount = 9007199254740992;

    private static readonly string[] s_names = ["time", "route", "win_probability", "score", "threshold", "prompt", "query_length", "input_tokens", "output_tokens", "cost", "latency_ms", "reward"];

    private Utf8JsonReader _reader;
    private uint _seen;
    private DateTimeOffset? _time;
    private string? _route;
    private string? _prompt;
    private double? _winProbability;
    private double? _score;
    private int _scorePosition;
    private double? _threshold;
    private long? _queryLength;
    private long? _inputTokens;
    private long? _outputTokens;
    private double? _cost;
    private double? _latency;
    private double? _reward;
    private Dictionary<string, string>? _properties;

    private DecisionLine(ReadOnlySpan<byte> json) => _reader = new Utf8JsonReader(json);

    /// <exception cref="EvaluationDataException">The line is no decision.</exception>
    public static LoggedDecision Parse(string line, ref byte[] buffer, string name, int number)
    {
        int needed = Encoding.UTF8.GetMaxByteCount(line.Length);
        if (buffer.Length < needed)
        {
            buffer = new byte[needed];
        }

        ReadOnlySpan<byte> json = buffer.AsSpan(0, Encoding.UTF8.GetBytes(line, buffer));
        var parser = new DecisionLine(json);
        try
        {
            return parser.Read(new RowOrigin(name, number));
        }
        catch (JsonException error)
        {
            throw Located(json, error.BytePositionInLine ?? 0, JsonRows.Explain(error), error);
        }
        catch (InvalidOperationException error)
        {
            throw Located(json, parser._reader.TokenStartIndex, JsonRows.HalfCharacter, error);
        }
        catch (RowProblemException error)
        {
            throw Located(json, error.Column ?? 0, error.Message, error.InnerException);
        }

        EvaluationDataException Located(ReadOnlySpan<byte> json, long position, string problem, Exception? inner) =>
            new(name, number, Encoding.UTF8.GetCharCount(json[..(int)Math.Min(position, json.Length)]) + 1, problem, inner);
    }

    private LoggedDecision Read(RowOrigin origin)
    {
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject)
        {
            throw new RowProblemException("a decision is a JSON object.", 0);
        }

        while (_reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            int known = Known();
            string name = known < 0 ? _reader.GetString()! : s_names[known];
            _reader.Read();
            if (known >= 0 && _reader.TokenType != JsonTokenType.Null)
            {
                Set(name, 1u << known);
            }
            else if (_reader.TokenType == JsonTokenType.String)
            {
                (_properties ??= new(StringComparer.Ordinal))[name] = _reader.GetString()!;
            }
            else if (_reader.TokenType == JsonTokenType.Number)
            {
                (_properties ??= new(StringComparer.Ordinal))[name] = Encoding.UTF8.GetString(_reader.ValueSpan);
            }

            _reader.Skip();
        }

        if (_reader.Read())
        {
            throw new RowProblemException("there is more after the object; expected one object a line.", (int)_reader.TokenStartIndex);
        }

        return new LoggedDecision
        {
            Time = _time,
            Route = _route,
            WinProbability = _winProbability ?? Probability("score", _score, _scorePosition),
            Threshold = _threshold,
            Prompt = _prompt,
            QueryLength = _queryLength,
            InputTokens = _inputTokens,
            OutputTokens = _outputTokens,
            Cost = _cost,
            Latency = _latency,
            Reward = _reward,
            Properties = _properties ?? LoggedDecision.NoProperties,
            Origin = origin,
        };
    }

    private readonly int Known()
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (_reader.ValueTextEquals(s_names[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private void Set(string name, uint bit)
    {
        if ((_seen & bit) != 0)
        {
            throw Wrong(name, "is there twice");
        }

        _seen |= bit;
        switch (name)
        {
            case "time":
                _time = Time();
                break;
            case "route":
                _route = Text(name);
                break;
            case "prompt":
                _prompt = Text(name);
                break;
            case "win_probability":
                _winProbability = Probability(name, Number(name), (int)_reader.TokenStartIndex);
                break;
            case "score":
                // Beside a win probability a score may be anything.
                (_score, _scorePosition) = (Number(name), (int)_reader.TokenStartIndex);
                break;
            case "threshold":
                _threshold = Number(name);
                break;
            case "query_length":
                _queryLength = Count(name);
                break;
            case "input_tokens":
                _inputTokens = Count(name);
                break;
            case "output_tokens":
                _outputTokens = Count(name);
                break;
            case "cost":
                _cost = NotNegative(name, "USD");
                break;
            case "latency_ms":
                _latency = NotNegative(name, "milliseconds");
                break;
            default:
                _reward = Number(name);
                break;
        }
    }

    private readonly DateTimeOffset Time() =>
        DateTimeOffset.TryParse(Text("time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            : throw Wrong("time", $"is \"{_reader.GetString()}\"; expected a time such as 2026-03-14T15:09:26Z");

    private readonly string Text(string name) => _reader.TokenType == JsonTokenType.String ? _reader.GetString()! : throw Wrong(name, "is no text");

    private readonly double Number(string name) =>
        _reader.TokenType == JsonTokenType.Number && _reader.GetDouble() is var number && double.IsFinite(number) ? number : throw Wrong(name, "is no number");

    private readonly long Count(string name) =>
        Number(name) is >= 0 and <= MaxCount and var count && count == Math.Floor(count) ? (long)count : throw Wrong(name, "is no whole number of at least 0");

    private readonly double NotNegative(string name, string unit) => Number(name) is >= 0 and var value ? value : throw Wrong(name, $"is negative; expected {unit}");

    private static double? Probability(string name, double? value, int position) =>
        value is null or (>= 0 and <= 1)
            ? value
            : throw new RowProblemException(string.Create(CultureInfo.InvariantCulture, $"\"{name}\" is {value}; expected a win probability in [0, 1]."), position);

    private readonly RowProblemException Wrong(string name, string problem) => new($"\"{name}\" {problem}.", (int)_reader.TokenStartIndex);
}
