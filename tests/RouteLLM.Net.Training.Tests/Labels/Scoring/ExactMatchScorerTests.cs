namespace RouteLLM.Training.Tests.Labels.Scoring;

public class ExactMatchScorerTests
{
    [Theory]
    [InlineData("Paris", "paris", 1)]
    [InlineData("  \"Paris.\" ", "Paris", 1)]
    [InlineData("**New\n  York**", "new york", 1)]
    [InlineData("Ｐａｒｉｓ", "Paris", 1)]
    [InlineData("C#", "C", 0)]
    [InlineData("Paris, France", "Paris", 0)]
    [InlineData("", "Paris", 0)]
    [InlineData("lone \ud800", "lone \ud800", 1)]
    public async Task Whole_texts_match_but_for_what_does_not_matter(string response, string reference, double score) =>
        Assert.Equal(score, await ScoreAsync(AnswerKind.Text, response, reference));

    [Theory]
    [InlineData("She pays 3 * 5 = $15 in all.", "#### 15", 1)]
    [InlineData("That makes 1,234.50 dollars", "1234.5", 1)]
    [InlineData("x = -7", "-7", 1)]
    [InlineData("x = \u22127", "-7", 1)]
    [InlineData("10-3", "3", 1)]
    [InlineData("10-3", "-3", 0)]
    [InlineData("答案是42。", "42", 1)]
    [InlineData("\\boxed{42}", "42", 1)]
    [InlineData("It is .5", "0.5", 1)]
    [InlineData("1, 2, 3", "3", 1)]
    [InlineData("1,2,3", "3", 1)]
    [InlineData("about 6.02e23 of them", "6.02e23", 1)]
    [InlineData("42 of group A1", "42", 1)]
    [InlineData("５０", "50", 1)]
    [InlineData("15", "16", 0)]
    [InlineData("no number", "16", 0)]
    [InlineData("", "0", 0)]
    public async Task The_last_numbers_are_compared(string response, string reference, double score) =>
        Assert.Equal(score, await ScoreAsync(AnswerKind.LastNumber, response, reference));

    [Theory]
    [InlineData("B", "B", 1)]
    [InlineData("(b)", "B", 1)]
    [InlineData("B. Because it is", "B", 1)]
    [InlineData("**B**", "B", 1)]
    [InlineData("A is wrong and so is C, hence the answer is B because it must", "B", 1)]
    [InlineData("The correct answer is (b).", "B", 1)]
    [InlineData("Answer: **C**", "C", 1)]
    [InlineData("So $\\boxed{\\text{D}}$, not the answer A", "D", 1)]
    [InlineData("Option (A) is wrong. I choose (D)", "A", 1)]
    [InlineData("It could be (A) or (C)", "C", 1)]
    [InlineData("The answer is a number", "A", 0)]
    [InlineData("Answer: I think none", "I", 0)]
    [InlineData("A dog barks", "A", 0)]
    [InlineData("Z", "B", 0)]
    [InlineData("", "A", 0)]
    public async Task Letters_of_choices_are_found(string response, string reference, double score) =>
        Assert.Equal(score, await ScoreAsync(AnswerKind.Choice, response, reference));

    [Fact]
    public async Task A_reference_is_needed_and_must_hold_what_is_compared()
    {
        var scorer = new ExactMatchScorer(new ExactMatchScorerOptions { Kind = AnswerKind.LastNumber });

        await Assert.ThrowsAsync<ArgumentException>(async () => await scorer.ScoreAsync(new ScoringRequest("p", "1"), TestContext.Current.CancellationToken));
        ScoringException error = await Assert.ThrowsAsync<ScoringException>(async () => await scorer.ScoreAsync(new ScoringRequest("p", "1") { Reference = "none" }, TestContext.Current.CancellationToken));
        Assert.Contains("number", error.Message);
    }

    [Fact]
    public async Task Tolerance_and_case_are_options()
    {
        var near = new ExactMatchScorer(new ExactMatchScorerOptions { Kind = AnswerKind.LastNumber, Tolerance = 0.01 });
        var strict = new ExactMatchScorer(new ExactMatchScorerOptions { CaseSensitive = true });

        Assert.Equal(1, (await near.ScoreAsync(new ScoringRequest("p", "3.14") { Reference = "3.1416" }, TestContext.Current.CancellationToken)).Score);
        Assert.Equal(0, (await strict.ScoreAsync(new ScoringRequest("p", "paris") { Reference = "Paris" }, TestContext.Current.CancellationToken)).Score);
        Assert.NotEqual(near.Fingerprint, strict.Fingerprint);
        Assert.Throws<ArgumentException>(() => new ExactMatchScorer(new ExactMatchScorerOptions { Tolerance = -1 }));
        Assert.Throws<ArgumentException>(() => new ExactMatchScorer(new ExactMatchScorerOptions { LastChoice = 'a' }));
    }

    private static async Task<double> ScoreAsync(AnswerKind kind, string response, string reference) =>
        (await new ExactMatchScorer(new ExactMatchScorerOptions { Kind = kind }).ScoreAsync(new ScoringRequest("p", response) { Reference = reference })).Score;
}
