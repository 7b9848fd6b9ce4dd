using System.Net.Http.Headers;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Notes the Retry-After of refusals, so that clients built on <see cref="HttpClient"/> are left alone for as long as they ask: their exceptions say nothing of headers.</summary>
/// <remarks>
/// Put it among the handlers of the <see cref="HttpClient"/> that a provider's chat client uses, inside of any handler that retries. It reaches calls that a <see cref="RoutedChatClient"/> with
/// <see cref="RoutedChatClientOptions.Resilience"/> makes, and does nothing for others. Clients built on System.ClientModel, such as OpenAI's, need none: their exceptions carry the response.
/// </remarks>
public sealed class RetryAfterHandler : DelegatingHandler
{
    private readonly TimeProvider _timeProvider;

    /// <summary>Initializes a new instance of the <see cref="RetryAfterHandler"/> class.</summary>
    /// <param name="timeProvider">The clock for servers that name a date, or <see langword="null"/> for the system's.</param>
    public RetryAfterHandler(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <summary>Initializes a new instance of the <see cref="RetryAfterHandler"/> class around another handler.</summary>
    /// <param name="innerHandler">The handler that sends the request.</param>
    /// <param name="timeProvider">The clock for servers that name a date, or <see langword="null"/> for the system's.</param>
    public RetryAfterHandler(HttpMessageHandler innerHandler, TimeProvider? timeProvider = null)
        : base(innerHandler) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode && RetryAfterMark.Current is { } mark && response.Headers.RetryAfter is { } asked)
        {
            mark.Value = Read(asked);
        }

        return response;
    }

    private TimeSpan? Read(RetryConditionHeaderValue asked) =>
        asked.Delta ?? (asked.Date - _timeProvider.GetUtcNow() is { } wait ? wait > TimeSpan.Zero ? wait : TimeSpan.Zero : null);
}
