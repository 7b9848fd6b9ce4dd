using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace RouteLLM.Tests.Diagnostics;

public class LogTests
{
    private readonly LogRecorder _log = new();
    private readonly TestChatClient _strong = TestChatClient.Answering("from strong", "big");
    private readonly TestChatClient _weak = TestChatClient.Answering("from weak", "small");

    [Fact]
    public async Task A_decision_is_logged_with_route_and_query_length()
    {
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await client.GetResponseAsync("0.75", cancellationToken: Cancel);

        LogRecorder.Entry entry = _log.Single("Decided");
        Assert.Equal(LogLevel.Debug, entry.Level);
        Assert.Equal(["RouteLLM.RoutedChatClient"], _log.Categories);
        Assert.Equal("strong", entry.Values["Route"]);
        Assert.Equal("threshold", entry.Values["Reason"]);
        Assert.Equal("fake", entry.Values["Router"]);
        Assert.Equal(0.75, entry.Values["WinProbability"]);
        Assert.Equal(0.4, entry.Values["Threshold"]);
        Assert.Equal(4, entry.Values["QueryLength"]);
        Assert.Single(_log.Entries);
    }

    [Fact]
    public async Task Nothing_is_logged_of_a_usual_request_at_information_and_above()
    {
        _log.MinimumLevel = LogLevel.Information;
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts(), sensitive: true);

        await client.GetResponseAsync("0.75", cancellationToken: Cancel);

        Assert.Empty(_log.Entries);
    }

    [Theory]
    [InlineData(LogLevel.Trace, 1)]
    [InlineData(LogLevel.Debug, 0)]
    public async Task The_query_is_logged_at_trace_when_sensitive_data_is_switched_on(LogLevel minimum, int expected)
    {
        _log.MinimumLevel = minimum;
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts(), sensitive: true);

        await client.GetResponseAsync("0.75", cancellationToken: Cancel);

        Assert.Equal(expected, _log.Entries.Count(entry => entry.Values.TryGetValue("Query", out object? query) && query is "0.75"));
    }

    [Fact]
    public async Task A_router_that_fails_is_logged_with_where_the_request_goes()
    {
        using RoutedChatClient client = Client(new FakeRouter((_, _) => throw new FormatException()));

        await client.GetResponseAsync("Hello", cancellationToken: Cancel);

        LogRecorder.Entry entry = _log.Single("RouterFailed");
        Assert.Equal(LogLevel.Warning, entry.Level);
        Assert.Equal(("fake", "router-failed", "strong"), (entry.Values["Router"], entry.Values["Reason"], entry.Values["Route"]));
        Assert.Contains("System.FormatException", entry.Text);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Failures_of_models_are_logged_with_what_is_done_about_them(bool streaming)
    {
        using RoutedChatClient client = Client(
            FakeRouter.ReadingPrompts(), TestChatClient.Failing(new HttpRequestException("busy", null, System.Net.HttpStatusCode.TooManyRequests)), TestChatClient.Failing(new TimeoutException("slow")));

        await Assert.ThrowsAsync<RoutesFailedException>(() => Send(client, "0.75", streaming));

        LogRecorder.Entry first = _log.Single("FailedOver"), last = _log.Single("Failed");
        Assert.Equal((LogLevel.Warning, LogLevel.Warning), (first.Level, last.Level));
        Assert.Equal(("strong", "weak"), (first.Values["Route"], first.Values["NextRoute"]));
        Assert.Contains("System.Net.Http.HttpRequestException (429)", first.Text);
        Assert.Equal("weak", last.Values["Route"]);
        Assert.Contains("System.TimeoutException", last.Text);
    }

    [Fact]
    public async Task A_cancelled_call_is_no_failure()
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _strong.OnResponse = (_, _, cancellationToken) =>
        {
            cancellation.Cancel();
            return Task.FromCanceled<ChatResponse>(cancellationToken);
        };
        using RoutedChatClient client = Client(FakeRouter.ReadingPrompts());

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetResponseAsync("0.75", cancellationToken: cancellation.Token));

        Assert.DoesNotContain(_log.Entries, entry => entry.Level >= LogLevel.Warning);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RoutedChatClient Client(IRouter router, IChatClient? strong = null, IChatClient? weak = null, bool sensitive = false) =>
        new(strong ?? _strong, weak ?? _weak, router, new TwoModelRoutingOptions { Threshold = 0.4, EnableSensitiveData = sensitive }, _log);

    private static async Task Send(IChatClient client, string prompt, bool streaming)
    {
        if (streaming)
        {
            await client.GetStreamingResponseAsync(prompt, cancellationToken: Cancel).ToChatResponseAsync(Cancel);
        }
        else
        {
            await client.GetResponseAsync(prompt, cancellationToken: Cancel);
        }
    }
}
