using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Diagnostics;

/// <summary>Nothing of a prompt appears in logs, spans or metrics unless that is switched on, not even by way of errors that quote it.</summary>
public class SensitiveDataTests
{
    private const string Secret = "my PIN is 4711";

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task A_prompt_appears_only_when_sensitive_data_is_switched_on(bool enabled, bool streaming)
    {
        Recorded recorded = await Record(enabled, streaming, new FakeRouter(0.75), TestChatClient.Answering("answer"));

        Assert.Equal(enabled, recorded.Log.Everything.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(enabled ? Secret : null, recorded.Span.GetTagItem("routellm.query"));
        Assert.Equal(enabled, Text(recorded.Span).Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Nor_does_an_error_of_a_router_that_quotes_it(bool enabled, bool streaming)
    {
        var router = new FakeRouter((request, _) => throw new FormatException($"The input string '{request.Prompt}' was not in a correct format."));

        Recorded recorded = await Record(enabled, streaming, router, TestChatClient.Answering("answer"));

        Assert.Equal(enabled, recorded.Log.Single("RouterFailed").ToString().Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(enabled, recorded.Log.Everything.Contains(Secret, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Nor_do_errors_of_providers_that_quote_it(bool enabled, bool streaming)
    {
        TestChatClient failing = TestChatClient.Failing(new HttpRequestException($"503 for input '{Secret}'"));

        Recorded recorded = await Record(enabled, streaming, new FakeRouter(0.75), failing, failing);

        Assert.Equal(enabled, recorded.Log.Single("FailedOver").ToString().Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(enabled, recorded.Log.Single("Failed").ToString().Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(enabled, recorded.Log.Everything.Contains(Secret, StringComparison.Ordinal));
        Assert.Equal(enabled, Text(recorded.Span).Contains(Secret, StringComparison.Ordinal));
    }

    private static async Task<Recorded> Record(bool enabled, bool streaming, IRouter router, TestChatClient strong, TestChatClient? weak = null)
    {
        using var spans = new SpanRecorder();
        using var metrics = new MetricRecorder();
        var log = new LogRecorder();
        var options = new TwoModelRoutingOptions { Threshold = 0.5, EnableSensitiveData = enabled };
        using var client = new RoutedChatClient(strong, weak ?? TestChatClient.Answering("answer"), router, options, log, metrics.MeterFactory);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        try
        {
            if (streaming)
            {
                await client.GetStreamingResponseAsync(Secret, cancellationToken: cancel).ToChatResponseAsync(cancel);
            }
            else
            {
                await client.GetResponseAsync(Secret, cancellationToken: cancel);
            }
        }
        catch (RoutesFailedException)
        {
            // What the caller is told is the caller's; what is recorded of it is the point here.
        }

        Assert.DoesNotContain(metrics.All.SelectMany(measurement => measurement.Tags.Values), value => value?.ToString()!.Contains(Secret, StringComparison.Ordinal) == true);
        return new(log, spans.Span);
    }

    private static string Text(Activity span) =>
        string.Join('\n', span.TagObjects.Concat(span.Events.SelectMany(e => e.Tags)).Select(tag => $"{tag.Key}={tag.Value}").Append(span.StatusDescription).Append(span.DisplayName));

    private sealed record Recorded(LogRecorder Log, Activity Span);
}
