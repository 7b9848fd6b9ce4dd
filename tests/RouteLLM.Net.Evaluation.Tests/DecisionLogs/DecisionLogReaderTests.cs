using System.IO.Compression;

namespace RouteLLM.Evaluation.Tests;

public class DecisionLogReaderTests
{
    [Fact]
    public void A_decision_is_read_with_all_that_is_known_of_it()
    {
        LoggedDecision decision = Assert.Single(Read(
            """{"time":"2026-03-14T15:09:26.5+01:00","route":"weak","win_probability":0.25,"threshold":0.5,"prompt":"日本","query_length":2,"input_tokens":10,"output_tokens":20,"cost":0.001,"latency_ms":12.5,"reward":-1,"tenant":"a","tags":{"route":1},"attempts":2}"""));
        Assert.Equal(new DateTimeOffset(2026, 3, 14, 14, 9, 26, 500, TimeSpan.Zero), decision.Time);
        Assert.Equal(("weak", 0.25, 0.5, "日本", 2), (decision.Route, decision.WinProbability, decision.Threshold, decision.Prompt, decision.QueryLength));
        Assert.Equal((10, 20, 0.001, 12.5, -1), (decision.InputTokens, decision.OutputTokens, decision.Cost, decision.Latency, decision.Reward));
        Assert.Equal(new Dictionary<string, string> { ["tenant"] = "a", ["attempts"] = "2" }, decision.Properties);
        Assert.Equal(new RowOrigin("log.jsonl", 1), decision.Origin);
    }

    [Fact]
    public void Everything_may_be_missing_or_null()
    {
        LoggedDecision decision = Assert.Single(Read("\n  \n" + """{"route":null,"win_probability":null,"prompt":null}""" + "\n"));
        Assert.Equal(new LoggedDecision { Origin = new RowOrigin("log.jsonl", 3) }, decision);
        Assert.Empty(Read(""));
    }

    [Fact]
    public void A_score_stands_in_for_a_win_probability_that_is_missing_and_else_may_be_anything()
    {
        Assert.Equal(0.75, Assert.Single(Read("""{"score":0.75}""")).WinProbability);
        Assert.Equal(0.25, Assert.Single(Read("""{"score":7,"win_probability":0.25}""")).WinProbability);
        Assert.Equal(0.25, Assert.Single(Read("""{"win_probability":0.25,"score":7}""")).WinProbability);
    }

    [Fact]
    public void A_time_without_an_offset_is_UTC() =>
        Assert.Equal(new DateTimeOffset(2026, 3, 14, 15, 9, 26, TimeSpan.Zero), Assert.Single(Read("""{"time":"2026-03-14T15:09:26"}""")).Time);

    [Theory]
    [InlineData("""{"prompt":"日本","win_probability":1.5}""", 34, "win_probability")]
    [InlineData("""{"score":-0.1}""", 10, "score")]
    [InlineData("""{"win_probability":"0.5"}""", 20, "win_probability")]
    [InlineData("""{"cost":-1}""", 9, "cost")]
    [InlineData("""{"latency_ms":1e999}""", 15, "latency_ms")]
    [InlineData("""{"input_tokens":1.5}""", 17, "input_tokens")]
    [InlineData("""{"query_length":-2}""", 17, "query_length")]
    [InlineData("""{"time":"yesterday"}""", 9, "yesterday")]
    [InlineData("""{"route":1}""", 10, "route")]
    [InlineData("""{"route":"a","route":"a"}""", 22, "twice")]
    [InlineData("""{"route":"\ud800"}""", 10, "surrogate")]
    [InlineData("""[1]""", 1, "object")]
    [InlineData("""{"route":"a"} {}""", 15, "JSON")]
    [InlineData("""{"route":"strong","win_pro""", 27, "JSON")]
    public void An_error_names_file_line_and_column(string line, int column, string named)
    {
        var error = Assert.Throws<EvaluationDataException>(() => Read("{}\n" + line).ToArray());
        Assert.Equal(("log.jsonl", 2, column), (error.File, error.Line, error.Column));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_that_are_no_decisions_can_be_skipped_and_counted()
    {
        var invalid = new List<EvaluationDataException>();
        LoggedDecision[] decisions = [.. Read("{\"score\":0.5}\n{\"score\":2}\n{\"score\":0.25}\n{\"sco", invalid.Add)];
        Assert.Equal([0.5, 0.25], decisions.Select(static decision => decision.WinProbability));
        Assert.Equal([2, 4], invalid.Select(static error => error.Line));
    }

    [Fact]
    public void Rotated_and_compressed_files_are_read_one_after_the_other()
    {
        using var folder = new TemporaryFolder();
        string older = folder.File("log.1.jsonl.gz"), newer = folder.Write("log.jsonl", """{"score":0.5}""");
        using (var writer = new StreamWriter(new GZipStream(File.Create(older), CompressionLevel.Fastest)))
        {
            writer.WriteLine("""{"score":0.25}""");
        }

        Assert.Equal([0.25, 0.5], DecisionLogReader.ReadFiles([older, newer]).Select(static decision => decision.WinProbability));
        File.WriteAllText(older, "not compressed");
        Assert.Equal(older, Assert.Throws<EvaluationDataException>(() => DecisionLogReader.ReadFile(older).Count()).File);
        Assert.Throws<FileNotFoundException>(() => DecisionLogReader.ReadFile(folder.File("none.jsonl")).Count());
    }

    private static IEnumerable<LoggedDecision> Read(string text, Action<EvaluationDataException>? invalidLine = null) => DecisionLogReader.Read(new StringReader(text), "log.jsonl", invalidLine);
}
