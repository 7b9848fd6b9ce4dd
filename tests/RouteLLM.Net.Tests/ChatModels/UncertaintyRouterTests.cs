using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.ChatModels;

public class UncertaintyRouterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(new[] { "Paris", "paris.", " PARIS", "Paris" }, 0)]
    [InlineData(new[] { "one", "two", "three", "four" }, 1)]
    [InlineData(new[] { "yes", "yes", "no", "no" }, 0.5)]
    public async Task The_more_drafts_differ_the_likelier_is_the_strong_model(string[] drafts, double expected)
    {
        int next = -1;
        var client = new TestChatClient { OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, drafts[Interlocked.Increment(ref next)]))) };
        var router = new UncertaintyRouter(client);

        Assert.Equal(expected, await router.PredictWinProbabilityAsync("x", Cancel), 1e-12);
        Assert.Equal(4, router.Usage.Calls);
        Assert.All(client.Calls, call => Assert.Equal((1f, 48), (call.Options!.Temperature!.Value, call.Options.MaxOutputTokens!.Value)));
    }

    [Fact]
    public async Task Log_probabilities_say_it_with_one_draft()
    {
        TestChatClient client = TestChatClient.Answering("draft");
        var router = new UncertaintyRouter(client, new() { LogProbabilities = _ => [Math.Log(0.9), Math.Log(0.4)] });

        Assert.Equal(1 - Math.Sqrt(0.36), await router.PredictWinProbabilityAsync("x", Cancel), 1e-12);
        Assert.Single(client.Calls);
    }

    [Fact]
    public async Task A_draft_without_log_probabilities_is_a_failure_that_says_what_to_do()
    {
        foreach (double[]? logs in new double[]?[] { null, [], [0.1], [double.NaN] })
        {
            var router = new UncertaintyRouter(TestChatClient.Answering("draft"), new() { LogProbabilities = _ => logs });
            Assert.Contains("log-probabilities", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await router.PredictWinProbabilityAsync("x", Cancel))).Message);
        }
    }

    [Fact]
    public async Task A_draft_that_fails_goes_to_the_fallback()
    {
        var router = new UncertaintyRouter(TestChatClient.Failing(new HttpRequestException("down")), new() { Fallback = new FixedRouter(0.3) });
        Assert.Equal(0.3, await router.PredictWinProbabilityAsync("x", Cancel));
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new UncertaintyRouter(TestChatClient.Answering(""), new() { Drafts = 1 }));
        Assert.Throws<ArgumentException>(() => new UncertaintyRouter(TestChatClient.Answering(""), new() { MaxDraftTokens = 0 }));
    }
}
