namespace RouteLLM.Tests.Baselines;

public class DomainRouterTests
{
    private static readonly DomainRouter s_router = new();

    [Theory]
    [InlineData("Hi there!", "small-talk")]
    [InlineData("ありがとう！", "small-talk")]
    [InlineData("Translate \"good morning\" into Polish.", "translation")]
    [InlineData("次の文を英語に翻訳して", "translation")]
    [InlineData("Fix the typos: def prove(x): retrun x", "editing")]
    [InlineData("Prove the Riemann-Lebesgue lemma.", "proof")]
    [InlineData("√2が無理数であることを証明して", "proof")]
    [InlineData("Why does this Rust code deadlock?", "code")]
    [InlineData("What does this do?\n```\nx\n```", "code")]
    [InlineData("What is wrong here?\nint x = 5\nint y = 6;\nif (x) {", "code")]
    [InlineData("Factor x^2 - 5x + 6.", "math")]
    [InlineData(@"Simplify $\frac{6}{8}$", "math")]
    [InlineData("∫ sin x dx", "math")]
    [InlineData("My landlord keeps the deposit. What can I do?", "law")]
    [InlineData("Which symptoms need a doctor at once?", "medicine")]
    [InlineData("Here is a riddle: what has keys and opens no lock?", "reasoning")]
    [InlineData("Why is entropy said to grow?", "science")]
    [InlineData("Where did the Beatles come from?", null)]
    [InlineData("One statement;\nand then prose, so ^_^ no domain", null)]
    [InlineData("", null)]
    public void Prompts_are_recognised(string prompt, string? domain) => Assert.Equal(domain, s_router.Classify(prompt));

    [Fact]
    public void A_greeting_that_opens_a_longer_message_is_not_small_talk() =>
        Assert.Null(s_router.Classify("Hello, I am looking for a present for my aunt, who likes gardening and old films. Any ideas?"));

    [Fact]
    public async Task The_score_is_that_of_the_domain_or_the_default()
    {
        foreach (PromptDomain domain in DomainRouter.DefaultDomains)
        {
            string prompt = domain.Keywords[0];
            Assert.Equal(domain.Name, s_router.Classify(prompt));
            Assert.Equal(domain.WinProbability, await s_router.ScoreAsync(prompt));
        }

        Assert.Equal(s_router.DefaultWinProbability, await s_router.ScoreAsync("Where did the Beatles come from?"));
    }

    [Fact]
    public void Every_default_keyword_is_found_unless_an_earlier_domain_takes_it()
    {
        string[] order = [.. DomainRouter.DefaultDomains.Select(static domain => domain.Name)];
        Assert.All(
            DomainRouter.DefaultDomains.SelectMany(static domain => domain.Keywords.Select(keyword => (domain.Name, keyword))),
            pair => Assert.InRange(Array.IndexOf(order, s_router.Classify($"« {pair.keyword.ToUpperInvariant()} »")), 0, Array.IndexOf(order, pair.Name)));
    }

    [Fact]
    public async Task The_table_can_be_changed_and_replaced()
    {
        var changed = new DomainRouter(DomainRouter.DefaultDomains.Select(static domain => domain.Name == "small-talk" ? domain.WithWinProbability(0.99) : domain));
        Assert.Equal(0.99, await changed.ScoreAsync("hi"));
        Assert.Null(changed.Classify("hi, " + new string('x', 100)));

        var own = new DomainRouter([new PromptDomain("cars", 0.3, ["car"]), new PromptDomain("maths", 0.8, [], PromptCues.Formula)], 0.1);
        Assert.Equal(0.3, await own.ScoreAsync("a car at v^2"));
        Assert.Equal(0.8, await own.ScoreAsync("v^2"));
        Assert.Equal(0.1, await own.ScoreAsync("a carpet"));
    }

    [Theory]
    [MemberData(nameof(OddPrompts.Names), MemberType = typeof(OddPrompts))]
    public async Task Odd_prompts_give_a_probability(string name) =>
        Assert.InRange(await s_router.ScoreAsync(OddPrompts.ByName[name]), 0, 1);

    [Fact]
    public void Tables_that_cannot_work_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new PromptDomain("empty", 0.5, []));
        Assert.Throws<ArgumentException>(static () => new PromptDomain(" ", 0.5, ["word"]));
        Assert.Throws<ArgumentException>(static () => new PromptDomain("math", 0.5, [""]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PromptDomain("math", -1, ["word"]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new PromptDomain("math", 0.5, ["word"]).WithWinProbability(2));
        Assert.Throws<ArgumentException>(static () => new DomainRouter([]));
        Assert.Throws<ArgumentException>(static () => new DomainRouter([null!]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new DomainRouter(DomainRouter.DefaultDomains, double.NaN));
        var exception = Assert.Throws<ArgumentException>(static () => new DomainRouter([new PromptDomain("a", 0.1, ["x"]), new PromptDomain("a", 0.2, ["y"])]));
        Assert.Contains("2 are named 'a'", exception.Message, StringComparison.Ordinal);
    }
}
