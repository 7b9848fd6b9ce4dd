using CsCheck;

namespace RouteLLM.Tests.Baselines;

public class KeywordRouterTests
{
    [Theory]
    [InlineData("prove", "Prove it.", true)]
    [InlineData("prove", "PROVE", true)]
    [InlineData("prove", "(prove)", true)]
    [InlineData("prove", "Improve it.", false)]
    [InlineData("prove", "proven", false)]
    [InlineData("prove", "improve and prove", true)]
    [InlineData("prove", "a_prove", false)]
    [InlineData("c++", "C++17 modules", true)]
    [InlineData("c++", "abc++", false)]
    [InlineData("```", "x```y", true)]
    [InlineData("größe", "die GRÖSSE", false)]
    [InlineData("größe", "die GRÖßE", true)]
    [InlineData("доказать", "Доказать!", true)]
    [InlineData("गणित", "गणितीय", false)]
    [InlineData("गणित", "गणित।", true)]
    [InlineData("証明", "次を証明してください", true)]
    [InlineData("証明", "次を説明してください", false)]
    [InlineData("증명", "이것을 증명하라", true)]
    [InlineData("python", "このPythonを直して", true)]
    [InlineData("แปล", "ช่วยแปลให้หน่อย", true)]
    [InlineData("fix the typos", "Fix  the\r\n typos:", true)]
    [InlineData("fix the typos", "fix thetypos", false)]
    [InlineData("fix the typos", "fix the", false)]
    [InlineData(" fix  the ", "fix the", true)]
    [InlineData("😀", "a😀b", true)]
    [InlineData("x😀y", "X😀Y", true)]
    [InlineData("x𐐨", "x𐐀", true)]
    [InlineData("x", "x", true)]
    [InlineData("x", "xx", false)]
    public async Task Keywords_are_whole_words_where_the_script_has_words(string keyword, string prompt, bool matches) =>
        Assert.Equal(matches ? 0.7 : 0.2, await new KeywordRouter([new KeywordRule(0.7, keyword)], 0.2).ScoreAsync(prompt));

    [Fact]
    public async Task The_first_rule_that_matches_wins_wherever_its_keyword_stands()
    {
        var router = new KeywordRouter([new KeywordRule(0.1, "typos", "translate"), new KeywordRule(0.9, "prove"), new KeywordRule(0.5, "fix", "prove")]);
        Assert.Equal(0.1, await router.ScoreAsync("Prove, prove, prove ... and translate"));
        Assert.Equal(0.9, await router.ScoreAsync("fix or prove"));
        Assert.Equal(0.5, await router.ScoreAsync("fix"));
        Assert.Same(router.Rules[1], router.FindRule("prove"));
    }

    [Fact]
    public async Task Without_a_match_the_default_is_given_which_is_weak_unless_set()
    {
        KeywordRule[] rules = [new(0.9, "prove")];
        Assert.Equal(0, await new KeywordRouter(rules).ScoreAsync("hello"));
        Assert.Equal(0.4, await new KeywordRouter(rules, 0.4).ScoreAsync("hello"));
        Assert.Null(new KeywordRouter(rules).FindRule(""));
    }

    [Fact]
    public void A_rule_for_short_prompts_counts_code_points_and_leaves_longer_ones_to_the_rules_after_it()
    {
        var router = new KeywordRouter([new KeywordRule(0.05, "thanks") { MaxLength = 8 }, new KeywordRule(0.6, "thanks")]);
        Assert.Same(router.Rules[0], router.FindRule("thanks!!"));
        Assert.Same(router.Rules[0], router.FindRule("thanks😀😀"));
        Assert.Same(router.Rules[1], router.FindRule("thanks😀😀!"));
        Assert.Same(router.Rules[1], router.FindRule("thanks in advance"));
    }

    [Fact]
    public void It_finds_what_trying_every_rule_at_every_place_finds()
    {
        // A small alphabet makes words that begin, contain and touch one another.
        Gen<string> text = Gen.OneOf("a", "B", "ab", "b", " ", "  ", "\n", "証", "明", "+", "_", "\uD83D", "é").Array[0, 12].Select(string.Concat);
        Gen<string> keyword = text.Where(static candidate => !string.IsNullOrWhiteSpace(candidate));
        Gen.Select(keyword.Array[1, 3].Array[1, 4], text).Sample((rules, prompt) =>
        {
            var router = new KeywordRouter(rules.Select(static words => new KeywordRule(0.5, words)));
            int expected = Array.FindIndex(rules, words => words.Any(word => Contains(prompt, word)));
            Assert.Equal(expected < 0 ? null : router.Rules[expected], router.FindRule(prompt));
        });

        static bool Contains(string prompt, string keyword)
        {
            string[] words = keyword.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            string pattern = string.Join(@"\s+", words.Select(System.Text.RegularExpressions.Regex.Escape));
            string before = IsLatin(words[0][0]) ? "(?<![a-zé_])" : "";
            string after = IsLatin(words[^1][^1]) ? "(?![a-zé_])" : "";
            return System.Text.RegularExpressions.Regex.IsMatch(prompt, before + pattern + after, System.Text.RegularExpressions.RegexOptions.IgnoreCase | System.Text.RegularExpressions.RegexOptions.CultureInvariant);
        }

        static bool IsLatin(char c) => char.IsAsciiLetter(c) || c is 'é' or '_';
    }

    [Theory]
    [MemberData(nameof(OddPrompts.Names), MemberType = typeof(OddPrompts))]
    public async Task Odd_prompts_give_a_probability(string name)
    {
        var router = new KeywordRouter([new KeywordRule(0.9, "race condition", "prove", "証", "\uD83D", "\0", "a"), new KeywordRule(0.1, "\uDE00", "^^")]);
        Assert.InRange(await router.ScoreAsync(OddPrompts.ByName[name]), 0, 1);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \u3000")]
    [InlineData(null)]
    public void An_empty_keyword_is_refused_and_numbered(string? keyword)
    {
        var exception = Assert.Throws<ArgumentException>(() => new KeywordRule(0.5, "fine", keyword!));
        Assert.Equal("keywords", exception.ParamName);
        Assert.Contains($"number 1 is {(keyword is null ? "null" : $"'{keyword}'")}", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rules_that_cannot_work_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new KeywordRule(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new KeywordRule(double.NaN, "prove"));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new KeywordRule(0.5, "prove") { MaxLength = 0 });
        Assert.Throws<ArgumentException>(static () => new KeywordRouter([]));
        Assert.Throws<ArgumentException>(static () => new KeywordRouter([null!]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new KeywordRouter([new KeywordRule(0.5, "prove")], 1.5));
    }
}
