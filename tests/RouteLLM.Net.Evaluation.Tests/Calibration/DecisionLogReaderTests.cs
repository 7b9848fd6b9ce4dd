namespace RouteLLM.Evaluation.Tests.Calibration;

public class DecisionLogReaderTests
{
    [Fact]
    public void What_a_calibration_needs_is_read_and_the_rest_skipped()
    {
        DecisionLogEntry[] log =
        [
            .. Read("""
                {"time":"2026-01-31T12:00:00Z","win_probability":0.25,"route":"weak","cost":0.001,"input_tokens":100,"output_tokens":20,"cached_input_tokens":50,"fingerprint":"abc","tenant":"x","more":{"nested":[1]}}

                {"Timestamp":"2026-01-31T13:00:00+01:00","WinProbability":1,"inputTokens":7,"tenant":42}
                {"score":0.5,"route":null,"tenant":null}
                {}
                """, "tenant"),
        ];
        var noon = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal(
            [
                new DecisionLogEntry { Time = noon, WinProbability = 0.25, Route = "weak", Cost = 0.001, Tokens = new TokenUsage(100, 20, 50), Fingerprint = "abc", Group = "x" },
                new DecisionLogEntry { Time = noon, WinProbability = 1, Tokens = new TokenUsage(7, 0), Group = "42" },
                new DecisionLogEntry { WinProbability = 0.5 },
                new DecisionLogEntry(),
            ],
            log);
    }

    [Theory]
    [InlineData("[]", "a decision is a JSON object, not Array")]
    [InlineData("{\"score\":1.5}", "\"score\" is 1.5; a number in [0, 1] is expected")]
    [InlineData("{\"score\":\"NaN\"}", "a number in [0, 1]")]
    [InlineData("{\"score\":0.1,\"cost\":-1}", "a number of at least 0")]
    [InlineData("{\"score\":0.1,\"time\":\"yesterday\"}", "a time such as")]
    [InlineData("{\"score\":0.1,\"input_tokens\":1.5}", "a whole number")]
    [InlineData("{\"score\":0.1,\"route\":5}", "a text")]
    [InlineData("{\"score\":0.1", "")]
    public void A_wrong_line_is_named(string line, string problem)
    {
        EvaluationDataException error = Assert.Throws<EvaluationDataException>(() => Read($"{{\"score\":0.1}}\n{line}\n{{\"score\":0.2}}").ToArray());
        Assert.Equal(2, error.Line);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_line_that_is_still_being_written_is_left_out() =>
        Assert.Single(Read("{\"score\":0.1}\n{\"score\":0."));

    private static IEnumerable<DecisionLogEntry> Read(string text, string? groupBy = null) => DecisionLogReader.Read(new StringReader(text), "log", groupBy);
}
