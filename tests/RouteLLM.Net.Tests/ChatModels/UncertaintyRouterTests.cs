using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.ChatModels;

public class UncertaintyRouterTests
{
    [Theory]
    [InlineData(new[] { "Paris", "paris.", " PARIS", "**Paris**" }, 0)]
    [InlineData(new[] { "one", "two", "three", "four" }, 1)]
    [InlineData(new[] { "yes", "yes", "no", "no" }, 0.5)]
    [InlineData(new[] { "3", "3", "3", "4" }, 0.40563906222956625)]
    [InlineData(new[] { "3.5", "35", "3.5", "35" }, 0.5)]
    [InlineData(new[] { "-5", "5", "-5", "5" }, 0.5)]
    public async Task The_more_drafts_differ_the_more_uncertain(string[] drafts, double expected)
    {
        TestChatClient client = Judging.Saying(drafts);
        Assert.Equal(expected, await new UncertaintyRouter(client).ScoreAsync("capital of France?"), 1e-12);

        Assert.Equal(4, client.Calls.Count);
        Assert.All(client.Calls, static call =>
        {
            Assert.Equal((1f, 48), (call.Options!.Temperature!.Value, call.Options.MaxOutputTokens!.Value));
            Assert.Equal([ChatRole.System, ChatRole.User], call.Messages.Select(static message => message.Role));
            Assert.Equal("capital of France?", call.Messages[1].Text);
        });
    }

    [Theory]
    [InlineData("The  Answer\n is: 42!", "the answer is 42")]
    [InlineData("1,000", "1000")]
    [InlineData("３．５", "3.5")]
    [InlineData("x = -3.25.", "x = -3.25")]
    [InlineData("7-5", "75")]
    [InlineData("東京。", "東京")]
    [InlineData("...", "")]
    [InlineData("a\uD800b", "a\uD800b")]
    public void Answers_are_compared_without_case_punctuation_and_white_space_but_with_signs_and_decimal_points(string answer, string normal)
    {
        Assert.Equal(normal, UncertaintyRouter.NormalizeAnswer(answer));
        Assert.Equal(normal, UncertaintyRouter.NormalizeAnswer($"\t{answer}  "));
    }

    [Fact]
    public async Task A_normalizer_of_ones_own_decides_what_agrees()
    {
        var router = new UncertaintyRouter(Judging.Saying("A", "AB", "ABC", "ABCD"), new() { AnswerNormalizer = static answer => answer[..1] });
        Assert.Equal(0, await router.ScoreAsync("x"));
    }

    [Fact]
    public async Task Log_probabilities_say_it_with_one_draft()
    {
        TestChatClient client = Judging.Saying("draft");
        var router = new UncertaintyRouter(client, new() { LogProbabilities = static _ => [Math.Log(0.9), Math.Log(0.4)] });
        Assert.Equal(1 - Math.Sqrt(0.36), await router.ScoreAsync("x"), 1e-12);
        Assert.Single(client.Calls);
    }

    [Theory]
    [InlineData(new double[] { 0, 0, 0 }, 0)]
    [InlineData(new double[] { -9999 }, 1)]
    [InlineData(new double[] { double.NegativeInfinity, 0 }, 1)]
    [InlineData(new double[] { 1e-6 }, 0)]
    public async Task Extreme_log_probabilities_stay_probabilities(double[] logProbabilities, double expected) =>
        Assert.Equal(expected, await new UncertaintyRouter(Judging.Saying("draft"), new() { LogProbabilities = _ => logProbabilities }).ScoreAsync("x"), 1e-5);

    [Theory]
    [InlineData(null)]
    [InlineData(new double[0])]
    public async Task A_draft_without_log_probabilities_is_compared_with_others(double[]? none)
    {
        TestChatClient client = Judging.Saying("yes", "yes", "no", "no");
        Assert.Equal(0.5, await new UncertaintyRouter(client, new() { LogProbabilities = _ => none }).ScoreAsync("x"), 1e-12);
        Assert.Equal(4, client.Calls.Count);
    }

    [Fact]
    public async Task With_nothing_to_compare_a_draft_without_log_probabilities_says_what_to_do()
    {
        var router = new UncertaintyRouter(Judging.Saying("draft"), new() { LogProbabilities = static _ => null, Drafts = 1 });
        Assert.Contains("ConfigureOptions", (await Assert.ThrowsAsync<UnusableAnswerException>(() => router.ScoreAsync("x"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(double.NaN)]
    public async Task What_is_no_log_probability_is_refused(double logProbability)
    {
        var router = new UncertaintyRouter(Judging.Saying("draft"), new() { LogProbabilities = _ => [-1, logProbability] });
        await Assert.ThrowsAsync<UnusableAnswerException>(() => router.ScoreAsync("x"));
    }

    [Fact]
    public async Task Drafts_without_text_are_no_agreement()
    {
        var router = new UncertaintyRouter(Judging.Saying("", " ", "...", ""), new() { Fallback = new FixedRouter(0.3) });
        Assert.Equal(0.3, await router.ScoreAsync("x"));
        Assert.Equal((4, 1), (router.Usage.Calls, router.Usage.Failures));
    }

    [Fact]
    public async Task It_shares_cache_time_limit_and_accounts_with_other_routers_that_ask_a_model()
    {
        var clock = new FakeTimeProvider();
        var answer = new TaskCompletionSource<string>();
        TestChatClient client = Judging.Waiting(answer);
        var router = new UncertaintyRouter(client, new() { Fallback = new FixedRouter(0.3), TimeLimit = TimeSpan.FromSeconds(1) }, clock);
        Task<double> late = router.ScoreAsync("x");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0.3, await late);

        client.OnResponse = (_, _, _) => Task.FromResult(Judging.Answer("same", 10, 2));
        Assert.Equal(0, await router.ScoreAsync("x"));
        Assert.Equal(0, await router.ScoreAsync("x"));
        Assert.Equal(8, client.Calls.Count);
        Assert.Equal((40L, 8L), (router.Usage.Tokens.InputTokenCount, router.Usage.Tokens.OutputTokenCount));
    }

    [Fact]
    public void Settings_that_cannot_be_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new UncertaintyRouter(Judging.Saying(""), new() { Drafts = 1 }));
        Assert.Throws<ArgumentException>(static () => new UncertaintyRouter(Judging.Saying(""), new() { Drafts = 0, LogProbabilities = static _ => null }));
        Assert.Throws<ArgumentException>(static () => new UncertaintyRouter(Judging.Saying(""), new() { MaxDraftTokens = 0 }));
        Assert.Throws<ArgumentNullException>(static () => new UncertaintyRouter(Judging.Saying(""), new() { AnswerNormalizer = null! }));
        Assert.Throws<ArgumentNullException>(static () => new UncertaintyRouter(null!));
    }
}
