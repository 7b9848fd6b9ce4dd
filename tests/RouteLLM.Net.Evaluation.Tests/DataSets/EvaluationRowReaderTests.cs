using System.IO.Compression;
using System.Text;

namespace RouteLLM.Evaluation.Tests;

public class EvaluationRowReaderTests
{
    private const string Row = """{"id": "a/1", "source": "a", "split": "eval", "prompt": "2 + 2?", "scores": {"big": 1.0, "small": 0}, "cost": {"big": 0.02}, "extra": [1]}""";

    [Fact]
    public void A_scored_row_is_read()
    {
        EvaluationRow row = Assert.Single(Read(Row));
        Assert.Equal(("a/1", "a", "eval", "2 + 2?"), (row.Id, row.Source, row.Split, row.Prompt));
        Assert.Equal(1, row.Scores["big"]);
        Assert.Equal(0, row.Scores["small"]);
        Assert.Equal(0.02, row.Costs["big"]);
        Assert.Null(row.StrongProbability);
    }

    [Fact]
    public void A_rated_row_is_read_and_blank_lines_are_skipped()
    {
        EvaluationRow row = Assert.Single(Read("\n" + """{"id":"c/0","source":"chat/c","split":"train","lang":"ja","category":"math","prompt":"証明","p_strong":0.7}""" + "\n\n"));
        Assert.Equal((0.7, "ja", "math"), (row.StrongProbability, row.Language, row.Category));
        Assert.Empty(row.Scores);
    }

    [Fact]
    public void Plain_and_gzipped_files_are_read()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string plain = Path.Combine(folder, "rows.jsonl");
            File.WriteAllText(plain, $"{Row}\n{Row.Replace("a/1", "a/2", StringComparison.Ordinal)}\n");
            string zipped = Path.Combine(folder, "rows.jsonl.gz");
            using (var gzip = new GZipStream(File.Create(zipped), CompressionLevel.Fastest))
            {
                gzip.Write(Encoding.UTF8.GetBytes($"{Row}\n"));
            }

            Assert.Equal(2, EvaluationRowReader.ReadFile(plain).Count());
            Assert.Single(EvaluationRowReader.ReadFile(zipped));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("not json", "")]
    [InlineData("[]", "object")]
    [InlineData("""{"source": "a", "split": "eval", "prompt": "p"}""", "\"id\"")]
    [InlineData("""{"id": 3, "source": "a", "split": "eval", "prompt": "p"}""", "\"id\"")]
    [InlineData("""{"id": "1", "source": "a", "split": "eval", "prompt": "p", "scores": {"m": 1.5}}""", "scores.m")]
    [InlineData("""{"id": "1", "source": "a", "split": "eval", "prompt": "p", "scores": [1]}""", "scores")]
    [InlineData("""{"id": "1", "source": "a", "split": "eval", "prompt": "p", "p_strong": "high"}""", "p_strong")]
    public void An_error_names_file_line_and_what_is_wrong(string line, string named)
    {
        var exception = Assert.Throws<EvaluationDataException>(() => Read($"{Row}\n{line}\n"));
        Assert.Equal(("rows.jsonl", 2), (exception.File, exception.Line));
        Assert.Contains("rows.jsonl, line 2", exception.Message, StringComparison.Ordinal);
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
    }

    private static List<EvaluationRow> Read(string text) => [.. EvaluationRowReader.Read(new StringReader(text), "rows.jsonl")];
}
