namespace RouteLLM.Evaluation.Tests;

public class JsonTests
{
    [Fact]
    public void Tokens_latencies_and_references_are_read_and_null_is_no_value()
    {
        EvaluationRow row = Assert.Single(Read("""{"id":"1","prompt":"p","scores":{"a":null,"b":true},"tokens":{"b":{"input":10,"output":2,"cached_input":4}},"latency_ms":{"b":12.5},"reference":"r","lang":null}"""));
        Assert.Equal(("rows", "", "r", null), (row.Source, row.Split, row.Reference, row.Language));
        Assert.Equal(("b", 1), (Assert.Single(row.Scores).Key, row.Scores["b"]));
        Assert.Equal((new TokenUsage(10, 2, 4), 12.5), (row.Tokens["b"], row.Latencies["b"]));
    }

    [Theory]
    [InlineData("""{"id": "日本", "prompt": "p", "scores": {"m": 1.5}}""", 45, "scores.m")]
    [InlineData("""{"id": "1", "prompt": "p", "scores": {"m": NaN}}""", 44, "JSON")]
    [InlineData("""{"id": "1", "prompt": "p", "scores": {"m": 1e999}}""", 44, "scores.m")]
    [InlineData("""{"id": "1", "prompt": "p", "scores": {"m": 1, "m": 0}}""", 52, "twice")]
    [InlineData("""{"id": "1", "prompt": "p"} {"id": "2"}""", 28, "JSON")]
    [InlineData("""{"id": "1", "prompt": "p", "tokens": {"m": 5}}""", 44, "tokens.m")]
    [InlineData("""{"id": "1", "prompt": {"text": "p"}}""", 23, "prompt")]
    [InlineData("""{"id": "1", "prompt": "\ud800"}""", 23, "surrogate")]
    [InlineData("""{"id": "1", "prompt": "p", "\ud800": 1}""", 28, "surrogate")]
    [InlineData("""{"id": "1", "prompt": "p" """, 27, "JSON")]
    [InlineData("""{"id": "1", "prompt": " "}""", null, "prompt is empty")]
    [InlineData("""{"id": "", "prompt": "p"}""", null, "id is empty")]
    [InlineData("""{"id": "0", "prompt": "p"}""", null, "rows.jsonl, line 1")]
    public void An_error_names_the_column(string line, int? column, string named)
    {
        var exception = Assert.Throws<EvaluationDataException>(() => Read("""{"id": "0", "prompt": "p"}""" + "\n" + line));
        Assert.Equal(("rows.jsonl", 2, column), (exception.File, exception.Line, exception.Column));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[\n{\"id\": \"1\", \"prompt\": \"p\"},\n  {\"id\": 2, \"prompt\": \"p\"}]", 3, 10, "\"id\"")]
    [InlineData("[\n{\"id\": \"1\", \"prompt\": \"p\"},\n  {\"id\": \"2\"}]", 3, null, "\"prompt\"")]
    [InlineData("[\n{\"id\": \"1\", \"prompt\": \"p\"},\n\n7]", 4, 1, "object")]
    [InlineData("[\n{\"id\": \"1\", \"prompt\": \"p\"},\n", 3, null, "JSON")]
    public void An_error_in_an_array_names_its_own_line(string text, int line, int? column, string named)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("rows.json", text);
        var exception = Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFile(path).Count());
        Assert.Equal((path, line), (exception.File, exception.Line));
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        Assert.True(column is null || column == exception.Column);
    }

    [Fact]
    public void A_file_named_json_may_be_lines()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, EvaluationRowReader.ReadFile(folder.Write("lines.json", "\n {\"id\": \"1\", \"prompt\": \"p\"}\n{\"id\": \"2\", \"prompt\": \"p\"}\n")).Count());
        Assert.Equal(2, EvaluationRowReader.ReadFile(folder.Write("array.json", "\uFEFF [{\"id\": \"1\", \"prompt\": \"p\"}, {\"id\": \"2\", \"prompt\": \"p\"}]\n")).Count());
        Assert.Empty(EvaluationRowReader.ReadFile(folder.Write("empty.json", "[]")));
    }

    [Fact]
    public void What_is_refused_can_be_allowed()
    {
        const string Same = """{"id": "1", "prompt": ""}""";
        Assert.Equal(2, EvaluationRowReader.Read(new StringReader($"{Same}\n{Same}"), "rows.jsonl", new() { AllowDuplicateIds = true, AllowEmptyPrompts = true }).Count());
    }

    [Fact]
    public void Scores_may_be_on_another_scale_and_be_moved_to_the_unit()
    {
        const string Graded = """{"id": "1", "prompt": "p", "scores": {"a": 5.5}}""";
        Assert.Equal(5.5, EvaluationRowReader.Read(new StringReader(Graded), "g", new() { Scale = ScoreScale.OneToTen }).Single().Scores["a"]);
        Assert.Equal(0.5, EvaluationRowReader.Read(new StringReader(Graded), "g", new() { Scale = ScoreScale.OneToTen, NormalizeScores = true }).Single().Scores["a"]);
        Assert.Contains("[1, 10]", Assert.Throws<EvaluationDataException>(static () => EvaluationRowReader.Read(new StringReader(Graded.Replace("5.5", "0", StringComparison.Ordinal)), "g", new() { Scale = ScoreScale.OneToTen }).Single()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_required_model_without_a_score_is_refused()
    {
        var exception = Assert.Throws<EvaluationDataException>(static () => EvaluationRowReader.Read(new StringReader("""{"id": "1", "prompt": "p", "scores": {"a": 1}}"""), "rows.jsonl", new() { RequiredModels = ["a", "b"] }).Count());
        Assert.Contains("no score of \"b\"", exception.Message, StringComparison.Ordinal);
        Assert.Equal(1, exception.Line);
    }

    [Fact]
    public void Ids_must_differ_over_all_files_of_a_data_set()
    {
        using var folder = new TemporaryFolder();
        string one = folder.Write("one.jsonl", """{"id": "1", "prompt": "p"}"""), two = folder.Write("two.csv", "id,prompt\n1,p\n");
        Assert.Contains("one.jsonl, line 1", Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFiles([one, two]).Count()).Message, StringComparison.Ordinal);
    }

    private static List<EvaluationRow> Read(string text) => [.. EvaluationRowReader.Read(new StringReader(text), "rows.jsonl")];
}
