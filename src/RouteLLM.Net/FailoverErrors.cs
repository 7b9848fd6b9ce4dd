using System.ClientModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Polly;
using Polly.CircuitBreaker;

namespace RouteLLM;

/// <summary>The default classification of errors that another model could cure.</summary>
public static class FailoverErrors
{
    /// <summary>The key in <see cref="Exception.Data"/> under which an exception says how long its provider asks to be left alone, as a <see cref="TimeSpan"/>: <c>Retry-After</c>.</summary>
    public const string RetryAfterKey = "Retry-After";

    // What providers write when a prompt does not fit; the larger window of another model may hold it.
    private static readonly string[] s_tooLong =
    [
        "context_length_exceeded", "maximum context length", "context window", "context length", "prompt is too long", "too many tokens",
        "string_above_max_length", "request_too_large", "content_length", "content length",
    ];

    /// <summary>Tells whether another model could cure an error.</summary>
    /// <param name="exception">The error of a call that had given no output.</param>
    /// <returns>
    /// <see langword="true"/> for network faults, time-outs, the HTTP statuses 408, 413, 429 and 5xx, and refusals for a prompt's length (status 400 or 422 with
    /// such a message), as thrown by <see cref="HttpClient"/> or System.ClientModel, answers that are no JSON, calls that one of Polly's strategies refused or timed out, and
    /// <see cref="NoRouteAvailableException"/>, as of a routed client within another; <see langword="false"/> for everything else: a wrong key or a bad
    /// request would fail elsewhere too, or hide a mistake.
    /// </returns>
    public static bool IsCurable(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception is NoRouteAvailableException || Is(exception, static (status, message) => IsTransientStatus(status) || IsTooLong(status, message));
    }

    /// <summary>Tells whether an error may pass by itself, so that the same model is worth calling again, there or elsewhere.</summary>
    /// <param name="exception">The error of a call.</param>
    /// <returns><see langword="true"/> for what is curable (<see cref="IsCurable"/>) but for refusals for a prompt's length, which the same model repeats.</returns>
    public static bool IsTransient(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return Is(exception, static (status, _) => IsTransientStatus(status));
    }

    /// <summary>Finds how long a provider asks to be left alone.</summary>
    /// <param name="exception">The error of a call.</param>
    /// <param name="timeProvider">The clock for a provider that names a date, or <see langword="null"/> for the system's.</param>
    /// <returns>
    /// The time that the exception, or one within it, names: in its <see cref="Exception.Data"/> (<see cref="RetryAfterKey"/>), where <see cref="RetryAfterHandler"/> puts that of an <see cref="HttpClient"/>'s
    /// response; how long a circuit breaker of Polly's is still open; or in the headers <c>retry-after-ms</c> and <c>Retry-After</c> of a <see cref="ClientResultException"/>; else <see langword="null"/>. Never negative.
    /// </returns>
    public static TimeSpan? GetRetryAfter(Exception exception, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        for (Exception? error = exception; error is not null; error = error.InnerException)
        {
            if (error.Data[RetryAfterKey] is TimeSpan noted)
            {
                return noted < TimeSpan.Zero ? TimeSpan.Zero : noted;
            }

            if (error is BrokenCircuitException { RetryAfter: { } open })
            {
                return open;
            }

            if (error is ClientResultException result && result.GetRawResponse()?.Headers is { } headers)
            {
                if (headers.TryGetValue("retry-after-ms", out string? milliseconds) && ParseSeconds(milliseconds, 1e-3) is { } precise)
                {
                    return precise;
                }

                if (headers.TryGetValue("Retry-After", out string? text) && ParseRetryAfter(text, timeProvider ?? TimeProvider.System) is { } asked)
                {
                    return asked;
                }
            }
        }

        return null;
    }

    /// <summary>Reads a Retry-After header: seconds, or a date (RFC 9110, section 10.2.3).</summary>
    internal static TimeSpan? ParseRetryAfter(string? text, TimeProvider timeProvider) =>
        ParseSeconds(text, 1) is { } seconds ? seconds
        : !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset date) ? null
        : date - timeProvider.GetUtcNow() is { Ticks: > 0 } wait ? wait : TimeSpan.Zero;

    // More than a day is no pause but a shutdown, and would overflow.
    private static TimeSpan? ParseSeconds(string? text, double unit) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 ? TimeSpan.FromSeconds(Math.Min(value * unit, 86_400)) : null;

    private static bool Is(Exception exception, Func<int, string, bool> isStatus) => exception switch
    {
        // The caller's own cancellation never gets here, so this is a time-out of the client's.
        OperationCanceledException or TimeoutException => true,
        ClientResultException { Status: 0 } => true,
        ClientResultException error => isStatus(error.Status, error.Message),
        HttpRequestException { StatusCode: null } => true,
        HttpRequestException { StatusCode: { } status } error => isStatus((int)status, error.Message),
        SocketException or IOException or JsonException or ExecutionRejectedException => true,
        AggregateException { InnerExceptions: { Count: > 0 } inner } => inner.All(error => Is(error, isStatus)),
        _ => exception.InnerException is { } cause && Is(cause, isStatus),
    };

    private static bool IsTransientStatus(int status) => (HttpStatusCode)status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static bool IsTooLong(int status, string message) => (HttpStatusCode)status switch
    {
        HttpStatusCode.RequestEntityTooLarge => true,
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity =>
            Array.Exists(s_tooLong, phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };
}
