using System.ClientModel;
using System.Net;
using System.Net.Sockets;

namespace RouteLLM;

/// <summary>The default classification of errors that another model could cure.</summary>
public static class FailoverErrors
{
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
    /// such a message), as thrown by <see cref="HttpClient"/> or System.ClientModel; <see langword="false"/> for everything else: a wrong key or a bad
    /// request would fail elsewhere too, or hide a mistake.
    /// </returns>
    public static bool IsCurable(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            // The caller's own cancellation never gets here, so this is a time-out of the client's.
            OperationCanceledException or TimeoutException => true,
            ClientResultException { Status: 0 } => true,
            ClientResultException error => IsCurableStatus(error.Status, error.Message),
            HttpRequestException { StatusCode: null } => true,
            HttpRequestException { StatusCode: { } status } error => IsCurableStatus((int)status, error.Message),
            SocketException or IOException => true,
            AggregateException { InnerExceptions: { Count: > 0 } inner } => inner.All(IsCurable),
            _ => exception.InnerException is { } cause && IsCurable(cause),
        };
    }

    private static bool IsCurableStatus(int status, string message) => (HttpStatusCode)status switch
    {
        HttpStatusCode.RequestTimeout or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.TooManyRequests => true,
        >= HttpStatusCode.InternalServerError => true,
        HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity =>
            Array.Exists(s_tooLong, phrase => message.Contains(phrase, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };
}
