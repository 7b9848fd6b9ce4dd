using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Retry;
using RouteLLM.Tests.Contracts;

namespace RouteLLM.Tests.Resilience;

public class RetryTests
{
    private readonly FakeTimeProvider _clock = new();

    public static TheoryData<bool> Streaming => [false, true];

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_route_is_called_again_after_pauses_that_double_before_the_next_is_tried(bool streaming)
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        Task<ChatResponse> asking = client.AskAsync("question", streaming);

        Assert.Equal(1, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(0.49));
        Assert.Equal(1, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(0.01));
        Assert.Equal(2, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(0.99));
        Assert.Equal(2, strong.Calls);
        _clock.Advance(TimeSpan.FromSeconds(0.01));
        RouteOutcome outcome = (await asking).GetRouteOutcome()!;
        Assert.Equal(["strong", "strong", "strong", "weak"], outcome.Attempts.Select(attempt => attempt.Route));
        Assert.True(outcome.FailedOver);
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task Retries_leave_a_call_for_the_next_route(bool streaming)
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503));
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { MaxAttempts = 3 }, new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        RouteOutcome outcome = (await _clock.RunAsync(client.AskAsync("question", streaming))).GetRouteOutcome()!;

        Assert.Equal(["strong", "strong", "weak"], outcome.Attempts.Select(attempt => attempt.Route));
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_retry_that_succeeds_is_no_fail_over(bool streaming)
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        RouteOutcome outcome = (await _clock.RunAsync(client.AskAsync("question", streaming))).GetRouteOutcome()!;

        Assert.Equal(["System.Net.Http.HttpRequestException", null], outcome.Attempts.Select(attempt => attempt.ErrorType));
        Assert.False(outcome.FailedOver);
    }

    [Fact]
    public async Task The_pause_is_at_least_what_the_provider_asks_for()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(3)), ScriptedClient.Answers);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong));

        Task<ChatResponse> asking = client.AskAsync("question", streaming: false);

        _clock.Advance(TimeSpan.FromSeconds(2.9));
        Assert.False(asking.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("strong answers", (await asking).Text);
    }

    [Fact]
    public async Task A_provider_that_asks_for_longer_than_the_longest_pause_is_not_waited_for()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(6)));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        Assert.Equal("weak answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task No_request_makes_more_calls_than_it_may_over_all_routes_and_retries()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503));
        var weak = new ScriptedClient("weak", _clock, ScriptedClient.Fails(503));
        using RoutedChatClient client = ResilientClient.Create(
            _clock, new() { MaxAttempts = 4, MaxRetries = 2, Cooldown = null }, new ModelRoute("strong", strong), new ModelRoute("weak", weak), new ModelRoute("last", new ScriptedClient("last", _clock)));

        RoutesFailedException error = await Assert.ThrowsAsync<RoutesFailedException>(() => _clock.RunAsync(client.AskAsync("question", streaming: false)));

        Assert.Equal(["strong", "strong", "strong", "weak"], error.Attempts.Select(attempt => attempt.Route));
        Assert.StartsWith("All 4 calls that were made failed.", error.Message, StringComparison.Ordinal);
        Assert.Equal((3, 1), (strong.Calls, weak.Calls));
    }

    [Fact]
    public async Task Errors_that_no_repetition_cures_are_not_repeated()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(401));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));

        await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("question", streaming: false));

        Assert.Equal(1, strong.Calls);
    }

    [Fact]
    public async Task A_stream_that_has_begun_is_never_called_again()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.BreaksOff(new IOException("reset")));
        var weak = new ScriptedClient("weak", _clock);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", weak));

        await Assert.ThrowsAsync<IOException>(() => client.AskAsync("question", streaming: true));

        Assert.Equal((1, 0), (strong.Calls, weak.Calls));
    }

    [Fact]
    public async Task A_caller_who_cancels_during_a_pause_is_not_kept_waiting()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", strong), new ModelRoute("weak", new ScriptedClient("weak", _clock)));
        using var source = new CancellationTokenSource();
        Task<ChatResponse> asking = client.AskAsync("question", streaming: false, cancellationToken: source.Token);

        await source.CancelAsync();

        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking)).CancellationToken);
        Assert.Equal(1, strong.Calls);
    }

    [Fact]
    public async Task A_pipeline_of_the_users_own_takes_the_place_of_the_retries_and_stays_within_the_attempts()
    {
        var strong = new ScriptedClient("strong", _clock, ScriptedClient.Fails(503));
        ResiliencePipeline tenTimes = new ResiliencePipelineBuilder { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 10, Delay = TimeSpan.Zero })
            .Build();
        var options = new ResilienceOptions { MaxAttempts = 4, Cooldown = null };
        options.Routes["strong"] = new() { Pipeline = tenTimes, Cooldown = null };
        using RoutedChatClient client = ResilientClient.Create(_clock, options, new ModelRoute("strong", strong));

        RoutesFailedException error = await Assert.ThrowsAsync<RoutesFailedException>(() => client.AskAsync("question", streaming: false));

        Assert.Equal(4, error.Attempts.Count);
        Assert.Equal(4, strong.Calls);
    }

    [Theory]
    [InlineData("7", 7.0)]
    [InlineData("0.5", 0.5)]
    [InlineData("Tue, 01 Jan 2030 00:00:30 GMT", 30.0)]
    [InlineData("Mon, 31 Dec 2029 00:00:00 GMT", 0.0)]
    [InlineData("soon", null)]
    [InlineData("-1", null)]
    public void Retry_after_is_read_from_the_response_of_a_client_model_exception(string header, double? seconds)
    {
        _clock.SetUtcNow(new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var error = new InvalidOperationException("wrapped", new ClientResultException("busy", new Response(429, new() { ["Retry-After"] = header })));

        Assert.Equal(seconds is { } value ? TimeSpan.FromSeconds(value) : null, FailoverErrors.GetRetryAfter(error, _clock));
    }

    [Fact]
    public void Milliseconds_are_preferred_to_seconds() =>
        Assert.Equal(TimeSpan.FromMilliseconds(1500), FailoverErrors.GetRetryAfter(new ClientResultException("busy", new Response(429, new() { ["Retry-After"] = "2", ["retry-after-ms"] = "1500" })), _clock));

    [Fact]
    public async Task Retry_after_of_an_http_client_is_noted_by_its_handler()
    {
        using var http = new HttpClient(new RetryAfterHandler(new Refusing()));
        var model = new TestChatClient
        {
            OnResponse = async (_, _, cancellationToken) =>
            {
                using HttpResponseMessage response = await http.GetAsync(new Uri("http://model.test"), cancellationToken);
                response.EnsureSuccessStatusCode();
                return new();
            },
        };
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { MaxRetries = 0 }, new ModelRoute("strong", model));

        HttpRequestException error = await Assert.ThrowsAsync<HttpRequestException>(() => client.AskAsync("question", streaming: false));

        Assert.Equal(TimeSpan.FromSeconds(17), FailoverErrors.GetRetryAfter(error, _clock));
        Assert.Equal(TimeSpan.FromSeconds(17), client.GetService<DeploymentHealth>()!.GetStatuses().Single().CoolingFor);
    }

    private sealed class Refusing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests);
            response.Headers.RetryAfter = new(TimeSpan.FromSeconds(17));
            return Task.FromResult(response);
        }
    }

    private sealed class Response(int status, Dictionary<string, string> headers) : PipelineResponse
    {
        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; }

        public override BinaryData Content => BinaryData.FromString("");

        protected override PipelineResponseHeaders HeadersCore => new Headers(headers);

        public override BinaryData BufferContent(CancellationToken cancellationToken = default) => Content;

        public override ValueTask<BinaryData> BufferContentAsync(CancellationToken cancellationToken = default) => new(Content);

        public override void Dispose()
        {
        }
    }

    private sealed class Headers(Dictionary<string, string> headers) : PipelineResponseHeaders
    {
        public override IEnumerator<KeyValuePair<string, string>> GetEnumerator() => headers.GetEnumerator();

        public override bool TryGetValue(string name, out string? value) => headers.TryGetValue(name, out value);

        public override bool TryGetValues(string name, out IEnumerable<string>? values)
        {
            values = headers.TryGetValue(name, out string? value) ? [value] : null;
            return values is not null;
        }
    }
}
