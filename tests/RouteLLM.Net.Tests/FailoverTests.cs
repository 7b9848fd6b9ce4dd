using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests;

public class FailoverTests
{
    public static TheoryData<Exception, bool> Errors => new()
    {
        { new HttpRequestException("connection refused"), true },
        { new HttpRequestException("slow", null, HttpStatusCode.RequestTimeout), true },
        { new HttpRequestException("busy", null, HttpStatusCode.TooManyRequests), true },
        { new HttpRequestException("broken", null, HttpStatusCode.InternalServerError), true },
        { new HttpRequestException("gateway", null, HttpStatusCode.BadGateway), true },
        { new HttpRequestException("overloaded", null, (HttpStatusCode)529), true },
        { new HttpRequestException("too large", null, HttpStatusCode.RequestEntityTooLarge), true },
        { new HttpRequestException("This model's maximum context length is 8192 tokens.", null, HttpStatusCode.BadRequest), true },
        { new HttpRequestException("no such parameter", null, HttpStatusCode.BadRequest), false },
        { new HttpRequestException("wrong key", null, HttpStatusCode.Unauthorized), false },
        { new HttpRequestException("no such model", null, HttpStatusCode.NotFound), false },
        { new ClientResultException("no answer", new Response(0)), true },
        { new ClientResultException("busy", new Response(429)), true },
        { new ClientResultException("down", new Response(503)), true },
        { new ClientResultException("context_length_exceeded", new Response(400)), true },
        { new ClientResultException("bad request", new Response(400)), false },
        { new ClientResultException("forbidden", new Response(403)), false },
        { new TaskCanceledException("the client's own time-out", new TimeoutException()), true },
        { new TimeoutException(), true },
        { new IOException("reset"), true },
        { new InvalidOperationException("wrapped", new HttpRequestException("refused")), true },
        { new AggregateException(new HttpRequestException("refused"), new TimeoutException()), true },
        { new AggregateException(new HttpRequestException("refused"), new InvalidOperationException()), false },
        { new InvalidOperationException("a bug"), false },
        { new ArgumentException("a bug"), false },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Errors_that_another_model_could_cure_fail_over_and_others_do_not(Exception error, bool curable)
    {
        foreach (bool streaming in new[] { false, true })
        {
            TestChatClient weak = TestChatClient.Answering("rescued");
            using var client = new RoutedChatClient(TestChatClient.Failing(error), weak, new FakeRouter(1), new() { Threshold = 0.5 });

            if (!curable)
            {
                Assert.Same(error, await Assert.ThrowsAnyAsync<Exception>(() => AskAsync(client, streaming)));
                Assert.Empty(weak.Calls);
                continue;
            }

            ChatResponse response = await AskAsync(client, streaming);
            Assert.Equal("rescued", response.Text);
            RouteOutcome outcome = response.GetRouteOutcome()!;
            Assert.Equal("weak", outcome.Route);
            Assert.True(outcome.FailedOver);
            Assert.Same(error, outcome.Attempts[0].Error);
            Assert.Null(outcome.Attempts[1].Error);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task When_all_routes_fail_the_exception_tells_of_every_attempt(bool streaming)
    {
        var first = new HttpRequestException("first");
        var second = new InvalidOperationException("second");
        using var client = new RoutedChatClient(TestChatClient.Failing(second), TestChatClient.Failing(first), new FakeRouter(0), new() { Threshold = 0.5 });

        var error = await Assert.ThrowsAsync<RoutesFailedException>(() => AskAsync(client, streaming));

        Assert.Equal([("weak", first), ("strong", second)], error.Attempts.Select(attempt => (attempt.Route, attempt.Error)));
        Assert.Same(second, error.InnerException);
        Assert.All(["weak", "first", "strong", "second"], part => Assert.Contains(part, error.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failing_over_can_be_switched_off_and_its_classification_replaced(bool streaming)
    {
        var error = new HttpRequestException("down");
        using var off = new RoutedChatClient(TestChatClient.Failing(error), TestChatClient.Answering("weak"), new FakeRouter(1), new() { Threshold = 0.5, FailOver = false });
        Assert.Same(error, await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(off, streaming)));

        using var own = new RoutedChatClient(
            TestChatClient.Failing(new ArgumentException("odd")), TestChatClient.Answering("rescued"), new FakeRouter(1), new() { Threshold = 0.5, ShouldFailOver = failure => failure is ArgumentException });
        Assert.Equal("rescued", (await AskAsync(own, streaming)).Text);
    }

    [Fact]
    public async Task After_output_began_there_is_no_failing_over()
    {
        var error = new HttpRequestException("reset");
        var strong = new TestChatClient { OnStream = (_, _, _) => BreakAfterOneAsync(error) };
        TestChatClient weak = TestChatClient.Answering("weak");
        using var client = new RoutedChatClient(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 });
        var texts = new List<string>();

        var thrown = await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
            {
                texts.Add(update.Text);
            }
        });

        Assert.Same(error, thrown);
        Assert.Equal(["half an"], texts);
        Assert.Empty(weak.Calls);
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> BreakAfterOneAsync(Exception error)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "half an");
        await Task.Yield();
        throw error;
    }

    private static Task<ChatResponse> AskAsync(RoutedChatClient client, bool streaming) => streaming
        ? client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken).ToChatResponseAsync(TestContext.Current.CancellationToken)
        : client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);

    private sealed class Response(int status) : PipelineResponse
    {
        public override int Status => status;

        public override string ReasonPhrase => "";

        public override Stream? ContentStream { get; set; }

        public override BinaryData Content => BinaryData.Empty;

        protected override PipelineResponseHeaders HeadersCore => throw new NotSupportedException();

        public override BinaryData BufferContent(CancellationToken cancellationToken = default) => Content;

        public override ValueTask<BinaryData> BufferContentAsync(CancellationToken cancellationToken = default) => new(Content);

        public override void Dispose()
        {
        }
    }
}
