using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RouteLLM.Diagnostics;

/// <summary>Writes decisions as lines of JSON, by the names that <c>DecisionLogReader</c> of RouteLLM.Net.Evaluation reads.</summary>
internal sealed class DecisionLineWriter(string? promptKeySecret) : IDisposable
{
    // Enough that no two of many billions of prompts get one key by chance.
    private const int KeyBytes = 16;

    private readonly byte[]? _secret = promptKeySecret is null ? null : Encoding.UTF8.GetBytes(promptKeySecret);
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Gets the lines written since <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Lines => _buffer.WrittenMemory;

    public void Clear() => _buffer.ResetWrittenCount();

    public void Add(DecisionLogEntry entry)
    {
        _json.Reset(_buffer);
        _json.WriteStartObject();
        Text("time", entry.Time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
        Text("route", entry.Route);
        WriteDecision(entry);
        _json.WriteNumber("query_length", entry.Prompt.Length);
        byte[] prompt = Encoding.UTF8.GetBytes(entry.Prompt);
        WriteKey(prompt);
        if (entry.IncludesPrompt)
        {
            _json.WriteString("prompt", prompt);
        }

        WriteResult(entry);
        _json.WriteEndObject();
        _json.Flush();
        _buffer.GetSpan(1)[0] = (byte)'\n';
        _buffer.Advance(1);
    }

    public void Dispose() => _json.Dispose();

    private void WriteDecision(DecisionLogEntry entry)
    {
        RouteDecision decision = entry.Decision;
        Text("chosen", decision.Routes[0].Name);
        Text("reason", decision.Reason);
        Text("router", decision.Router);
        Number("win_probability", decision.WinProbability);

        // A strong share of 0 has a threshold of infinity, which JSON has not.
        Number("threshold", decision.Threshold is { } threshold && double.IsFinite(threshold) ? threshold : null);
        Number("cluster", entry.Cluster);
        Text("variant", decision.Variant);
        Text("tenant", entry.Tenant);
    }

    private void WriteResult(DecisionLogEntry entry)
    {
        Text("status", StatusNames.Of(entry.Status));
        Text("deployment", entry.Deployment);
        Text("model", entry.Model);
        Number("input_tokens", entry.InputTokens);
        Number("cached_input_tokens", entry.CachedInputTokens);
        Number("output_tokens", entry.OutputTokens);
        if (entry.IsUsageEstimated)
        {
            _json.WriteBoolean("usage_estimated", true);
        }

        if (entry.Cost is { } cost)
        {
            _json.WriteNumber("cost", cost);
        }

        Number("latency_ms", Milliseconds(entry.Latency));
        Number("time_to_first_update_ms", entry.TimeToFirstUpdate is { } first ? Milliseconds(first) : null);
        Number("reward", entry.Reward);
        Text("error", entry.ErrorType);
        Text("trace_id", entry.TraceId?.ToHexString());
        _json.WriteNumber("attempts", entry.Attempts.Count);

        // One attempt says nothing that is not there already.
        if (entry.Attempts.Count > 1)
        {
            WriteAttempts(entry.Attempts);
        }

        if (entry.Decision.Steps.Count > 0)
        {
            _json.WriteStartArray("steps");
            foreach (DecisionStep step in entry.Decision.Steps)
            {
                _json.WriteStartObject();
                Text("stage", step.Stage);
                Text("detail", step.Detail);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }

        if (entry.Skips.Count > 0)
        {
            _json.WriteStartArray("skips");
            foreach (RouteSkip skip in entry.Skips)
            {
                _json.WriteStartObject();
                Text("route", skip.Route);
                Text("cause", skip.Cause);
                _json.WriteEndObject();
            }

            _json.WriteEndArray();
        }
    }

    private void WriteAttempts(IReadOnlyList<RouteAttempt> attempts)
    {
        _json.WriteStartArray("attempted");
        foreach (RouteAttempt attempt in attempts)
        {
            _json.WriteStartObject();
            Text("route", attempt.Route);
            Text("deployment", attempt.Deployment);
            Text("error", attempt.ErrorType);
            Number("ms", Milliseconds(attempt.Duration));
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteKey(ReadOnlySpan<byte> prompt)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (_secret is null)
        {
            SHA256.HashData(prompt, hash);
        }
        else
        {
            HMACSHA256.HashData(_secret, prompt, hash);
        }

        _json.WriteString("prompt_key", Convert.ToHexStringLower(hash[..KeyBytes]));
    }

    private static double Milliseconds(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);

    // Encoded here, since the writer refuses text with half a surrogate pair, which a caller's prompt or tenant may have.
    private void Text(string name, string? value)
    {
        if (value is not null)
        {
            _json.WriteString(name, Encoding.UTF8.GetBytes(value));
        }
    }

    private void Number(string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            _json.WriteNumber(name, number);
        }
    }

    private void Number(string name, long? value)
    {
        if (value is { } number)
        {
            _json.WriteNumber(name, number);
        }
    }
}
