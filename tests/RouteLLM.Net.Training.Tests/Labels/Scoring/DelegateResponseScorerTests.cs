namespace RouteLLM.Training.Tests.Labels.Scoring;

public class DelegateResponseScorerTests
{
    [Fact]
    public async Task A_score_passes_through_and_one_out_of_bounds_is_refused()
    {
        var scorer = DelegateResponseScorer.FromScore("length", (request, _) => new(request.Response.Length / 4.0));

        Assert.Equal(0.75, (await ScoreAsync(scorer, "abc")).Score);
        ScoringException error = await Assert.ThrowsAsync<ScoringException>(() => ScoreAsync(scorer, "abcde"));
        Assert.Contains("1.25", error.Message);
        Assert.Contains("FromReward", error.Message);
    }

    [Fact]
    public async Task A_reward_goes_through_a_logistic()
    {
        var scorer = DelegateResponseScorer.FromReward("length", (request, _) => new(request.Response.Length), center: 2, scale: 0.5);

        Assert.Equal(0.5, (await ScoreAsync(scorer, "ab")).Score);
        Assert.Equal(1 / (1 + Math.Exp(-2)), (await ScoreAsync(scorer, "abc")).Score, 12);
        Assert.False(scorer.IsPairwise);
    }

    [Fact]
    public async Task A_difference_of_rewards_is_a_probability_that_turns_around_with_the_answers()
    {
        var scorer = DelegateResponseScorer.FromRewardDifference("length", (request, _) =>
        {
            Assert.Null(request.Rival);
            return new(request.Response.Length);
        }, scale: 2);

        double forward = (await ScoreAsync(scorer, "abc", "a")).Score, backward = (await ScoreAsync(scorer, "a", "abc")).Score;

        Assert.Equal(1 / (1 + Math.Exp(-1)), forward, 12);
        Assert.Equal(1, forward + backward, 12);
        Assert.True(scorer.IsPairwise);
        await Assert.ThrowsAsync<ArgumentException>(() => ScoreAsync(scorer, "abc"));
    }

    [Fact]
    public async Task A_reward_that_is_no_number_is_refused()
    {
        var scorer = DelegateResponseScorer.FromReward("broken", (_, _) => new(double.NaN));

        await Assert.ThrowsAsync<ScoringException>(() => ScoreAsync(scorer, "abc"));
        Assert.Throws<ArgumentOutOfRangeException>(() => DelegateResponseScorer.FromReward("x", (_, _) => new(0.0), scale: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => DelegateResponseScorer.FromReward("x", (_, _) => new(0.0), center: double.NaN));
        Assert.Throws<ArgumentException>(() => DelegateResponseScorer.FromScore(" ", (_, _) => new(0.0)));
    }

    [Fact]
    public async Task A_reference_is_passed_on_and_demanded_where_needed()
    {
        var scorer = DelegateResponseScorer.FromScore("same", (request, _) => new(request.Response == request.Reference ? 1 : 0), needsReference: true);

        Assert.Equal(1, (await scorer.ScoreAsync(new ScoringRequest("p", "x") { Reference = "x" }, TestContext.Current.CancellationToken)).Score);
        await Assert.ThrowsAsync<ArgumentException>(() => ScoreAsync(scorer, "x"));
    }

    private static async Task<ResponseScore> ScoreAsync(DelegateResponseScorer scorer, string response, string? rival = null) =>
        await scorer.ScoreAsync(new ScoringRequest("p", response) { Rival = rival });
}
