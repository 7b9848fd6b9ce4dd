using CsCheck;

namespace RouteLLM.Tests.Baselines;

public class PromptLengthRouterTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(10, 0)]
    [InlineData(15, 0.25)]
    [InlineData(30, 1)]
    [InlineData(31, 1)]
    public async Task The_score_is_the_place_between_the_shortest_and_the_longest(int length, double expected) =>
        Assert.Equal(expected, await new PromptLengthRouter(10, 30).ScoreAsync(new string('x', length)));

    [Fact]
    public async Task Lengths_are_in_code_points_and_an_unpaired_surrogate_is_one()
    {
        string[] prompts = ["ab", "日本", "😀😀", "e\u0301", "\uD83D\uD83D\uDE00", "\uDE00\uD83D"];
        var router = new PromptLengthRouter(0, 8);
        foreach (string prompt in prompts)
        {
            Assert.Equal(0.25, await router.ScoreAsync(prompt));
        }
    }

    [Fact]
    public async Task A_longer_prompt_never_scores_lower_and_every_score_is_a_probability() =>
        await Gen.Select(Gen.String, Gen.String, Gen.Int[0, 20], Gen.Int[1, 40]).SampleAsync(async (prompt, more, min, range) =>
        {
            var router = new PromptLengthRouter(min, min + range);
            double score = await router.ScoreAsync(prompt);
            double longer = await router.ScoreAsync(prompt + "." + more);
            Assert.InRange(score, 0, longer);
            Assert.InRange(longer, score, 1);
        });

    [Fact]
    public async Task The_default_range_is_0_to_1000()
    {
        var router = new PromptLengthRouter();
        Assert.Equal(0, await router.ScoreAsync(""));
        Assert.Equal(0.5, await router.ScoreAsync(new string('x', 500)));
        Assert.Equal(1, await router.ScoreAsync(new string('x', 1000)));
    }

    [Theory]
    [MemberData(nameof(OddPrompts.Names), MemberType = typeof(OddPrompts))]
    public async Task Odd_prompts_give_a_probability(string name) =>
        Assert.InRange(await new PromptLengthRouter().ScoreAsync(OddPrompts.ByName[name]), 0, 1);

    [Fact]
    public async Task The_widest_range_does_not_overflow() =>
        Assert.Equal(4.0 / int.MaxValue, await new PromptLengthRouter(0, int.MaxValue).ScoreAsync("four"));

    [Fact]
    public void A_range_that_is_none_is_refused()
    {
        Assert.Equal(-1, Assert.Throws<ArgumentOutOfRangeException>(static () => new PromptLengthRouter(-1, 5)).ActualValue);
        var exception = Assert.Throws<ArgumentOutOfRangeException>(static () => new PromptLengthRouter(5, 5));
        Assert.Equal("maxLength", exception.ParamName);
        Assert.Contains("greater than the minimum length, 5", exception.Message, StringComparison.Ordinal);
    }
}
