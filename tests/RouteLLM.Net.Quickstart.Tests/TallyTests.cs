using Microsoft.Extensions.AI;

namespace RouteLLM.Quickstart.Tests;

public class TallyTests
{
    private static readonly Settings s_settings = new() { StrongShare = 0.3, StrongPrice = new Price(10, 30), WeakPrice = new Price(1, 3), MaxOutputTokens = 100 };

    [Fact]
    public void Costs_and_shares_add_up()
    {
        var tally = new Tally(s_settings, RealModels());
        tally.Add(NewTurn("strong", inputTokens: 1_000_000, outputTokens: 0));
        tally.Add(NewTurn("weak", inputTokens: 0, outputTokens: 1_000_000));
        tally.Add(NewTurn("weak", inputTokens: 1_000_000, outputTokens: 0));
        tally.AddFailure();

        Assert.Equal(1 / 3.0, tally.StrongShare);
        Assert.Equal(10 + 3 + 1, tally.Cost, 9);
        Assert.Equal(10 + 30 + 10, tally.AlwaysStrongCost, 9);
        Dictionary<string, string> facts = tally.Describe().ToDictionary(fact => fact.Label, fact => fact.Text);
        Assert.StartsWith("33.3% (1 of 3 prompts; 30.0% asked for", facts["strong share"], StringComparison.Ordinal);
        Assert.StartsWith("72.0%", facts["saving"], StringComparison.Ordinal);
        Assert.StartsWith("1 of 4 prompts", facts["failed"], StringComparison.Ordinal);
    }

    [Fact]
    public void A_stand_in_is_counted_as_the_longest_answer_allowed()
    {
        var tally = new Tally(s_settings, ModelPair.Create(new Settings { Offline = true }, CancellationToken.None));
        tally.Add(NewTurn("weak", inputTokens: 1000, outputTokens: null));

        Assert.Equal(((1000 * 1) + (100 * 3)) / 1e6, tally.Cost, 12);
    }

    [Theory]
    [InlineData(50, 50)]
    [InlineData(99, 99)]
    [InlineData(100, 100)]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    public void Percentiles_go_by_nearest_rank(int percent, int microseconds)
    {
        var tally = new Tally(s_settings, RealModels());
        foreach (int time in Enumerable.Range(1, 100).Reverse())
        {
            tally.Add(NewTurn("weak", 1, 1, TimeSpan.FromMicroseconds(time)));
        }

        Assert.Equal(TimeSpan.FromMicroseconds(microseconds), tally.DecisionTime(percent));
    }

    [Fact]
    public void Free_models_save_nothing()
    {
        var tally = new Tally(s_settings with { StrongPrice = default, WeakPrice = default }, RealModels());
        tally.Add(NewTurn("weak", 10, 10));

        Assert.Contains(("saving", "none, since the strong model is free"), tally.Describe());
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 1)]
    [InlineData("four", 1)]
    [InlineData("five5", 2)]
    [InlineData("日本語を", 3)]
    public void Tokens_are_estimated_from_bytes(string text, long tokens) => Assert.Equal(tokens, Turn.EstimateTokens(text));

    [Theory]
    [InlineData("2.50/10", 2.5, 10)]
    [InlineData("0/0", 0, 0)]
    [InlineData(" 1 / 2 ", 1, 2)]
    public void Prices_are_two_numbers(string text, double input, double output)
    {
        Assert.True(Price.TryParse(text, out Price price));
        Assert.Equal(new Price(input, output), price);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1/2/3")]
    [InlineData("1/-2")]
    [InlineData("1,5/2")]
    [InlineData("NaN/1")]
    public void Anything_else_is_no_price(string text) => Assert.False(Price.TryParse(text, out _));

    [Theory]
    [InlineData(0.31, "0.3 µs")]
    [InlineData(14.24, "14.2 µs")]
    [InlineData(250, "250 µs")]
    [InlineData(4270, "4.3 ms")]
    [InlineData(250_000, "250 ms")]
    public void Times_are_written_in_the_unit_that_suits_them(double microseconds, string text) => Assert.Equal(text, Format.Time(TimeSpan.FromMicroseconds(microseconds)));

    [Theory]
    [InlineData("127.0.0.1:1234", "http://127.0.0.1:1234/")]
    [InlineData("gpu-box", "http://gpu-box:11434/")]
    [InlineData("gpu-box:80", "http://gpu-box/")]
    [InlineData("http://gpu-box", "http://gpu-box/")]
    [InlineData("http://gpu-box:11434/base", "http://gpu-box:11434/base")]
    [InlineData("https://ollama.example.org", "https://ollama.example.org/")]
    [InlineData("0.0.0.0:1234", "http://127.0.0.1:1234/")]
    [InlineData(":1234", "http://127.0.0.1:1234/")]
    [InlineData("[::1]:1234", "http://[::1]:1234/")]
    public void An_Ollama_address_is_read_as_Ollama_reads_it(string host, string address) => Assert.Equal(address, ModelPair.ParseOllamaAddress(host).ToString());

    private static ModelPair RealModels() => ModelPair.Create(new Settings { Ollama = "127.0.0.1", StrongModel = "big", WeakModel = "small" }, CancellationToken.None);

    private static Turn NewTurn(string route, long? inputTokens, long? outputTokens, TimeSpan decisionTime = default)
    {
        var turn = new Turn("prompt") { Outcome = TestOutcome.Create(route, decisionTime: decisionTime) };
        turn.Add(new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = inputTokens, OutputTokenCount = outputTokens })]));
        return turn;
    }
}
