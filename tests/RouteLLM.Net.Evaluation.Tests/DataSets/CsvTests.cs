using System.IO.Compression;
using System.Text;

namespace RouteLLM.Evaluation.Tests;

public class CsvTests
{
    private const string Header = "id,source,split,prompt,scores.big-1.5,scores.small,cost.big-1.5,tokens.small.input,tokens.small.output,latency_ms.small,p_strong,lang,other\n";

    [Fact]
    public void Rows_are_read_with_quoted_fields_over_several_lines()
    {
        List<EvaluationRow> rows = Read($"{Header}1,a/b,eval,\"two\nlines, \"\"quoted\"\"\",1,0.5,0.02,10,3,250.5,,ja,x\n2,,,next,,True,,,,,0.25,,\n");
        Assert.Equal(("1", "a/b", "eval", "two\nlines, \"quoted\"", "ja"), (rows[0].Id, rows[0].Source, rows[0].Split, rows[0].Prompt, rows[0].Language));
        Assert.Equal((1, 0.5, 0.02, 250.5, new TokenUsage(10, 3)), (rows[0].Scores["big-1.5"], rows[0].Scores["small"], rows[0].Costs["big-1.5"], rows[0].Latencies["small"], rows[0].Tokens["small"]));
        Assert.Equal(new RowOrigin("rows.csv", 2), rows[0].Origin);

        // Nothing is no value: not 0, and not an empty source but the one the file has.
        Assert.Equal(("small", 1), (Assert.Single(rows[1].Scores).Key, rows[1].Scores["small"]));
        Assert.Equal((0.25, null, "rows", ""), (rows[1].StrongProbability, rows[1].Language, rows[1].Source, rows[1].Split));
        Assert.Empty(rows[1].Tokens);
        Assert.Equal(new RowOrigin("rows.csv", 4), rows[1].Origin);
    }

    [Fact]
    public void Source_and_split_may_be_missing()
    {
        using var folder = new TemporaryFolder();
        EvaluationRow row = Assert.Single(EvaluationRowReader.ReadFile(folder.Write("mine.eval.csv", "id,prompt\n1,hello\n")));
        Assert.Equal(("mine", ""), (row.Source, row.Split));
    }

    [Fact]
    public void Gzipped_files_are_read_and_damaged_ones_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("rows.csv.gz");
        byte[] text = Encoding.UTF8.GetBytes("id,prompt\n" + string.Concat(Enumerable.Range(0, 20_000).Select(static i => $"{i},{i * 7919 % 10007}\n")));
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            gzip.Write(text);
        }

        Assert.Equal(20_000, EvaluationRowReader.ReadFile(path).Count());
        byte[] bytes = File.ReadAllBytes(path);
        bytes.AsSpan(bytes.Length / 2, 200).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        var exception = Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFile(path).Count());
        Assert.Contains("rows.csv.gz", exception.Message, StringComparison.Ordinal);
        Assert.True(exception.Line > 1);
    }

    [Theory]
    [InlineData("id,prompt,scores.a\n1,x,1\n2,\"y\nz\",1.5\n", 3, 3, "scores.a")]
    [InlineData("id,prompt,scores.a\n1,x,NaN\n", 2, 3, "NaN")]
    [InlineData("id,prompt,scores.a\n1,x,-Infinity\n", 2, 3, "Infinity")]
    [InlineData("id,prompt,scores.a\n1,x,good\n", 2, 3, "good")]
    [InlineData("id,prompt,cost.a\n1,x,-1\n", 2, 3, "cost.a")]
    [InlineData("id,prompt,latency_ms.a\n1,x,-1\n", 2, 3, "latency_ms.a")]
    [InlineData("id,prompt,tokens.a.input,tokens.a.output\n1,x,1.5,2\n", 2, 3, "tokens.a.input")]
    [InlineData("id,prompt,tokens.a.input,tokens.a.output\n1,x,1,\n", 2, null, "incomplete")]
    [InlineData("id,prompt,tokens.a.input,tokens.a.output,tokens.a.cached_input\n1,x,1,1,2\n", 2, null, "cached")]
    [InlineData("id,prompt,p_strong\n1,x,2\n", 2, 3, "p_strong")]
    [InlineData("id,prompt,prompt\n1,x,y\n", 2, 3, "twice")]
    [InlineData("id,prompt\n1,x,y\n", 2, null, "3 fields")]
    [InlineData("id,prompt\n1,\n", 2, null, "prompt is empty")]
    [InlineData("id,prompt\n,x\n", 2, null, "id is empty")]
    [InlineData("id,prompt\n1,x\n1,y\n", 3, null, "line 2")]
    [InlineData("id,text\n1,x\n", 1, null, "\"text\"")]
    [InlineData("id,prompt\n1,x\n2,\"y\n3,z\n", 3, null, "quote")]
    [InlineData("id,prompt\n1,x\"y\n", 2, 2, "quote")]
    [InlineData("id,prompt,answer\n1,x,\"y\n2,z,w\n", 2, 3, "quote")]
    [InlineData("id,\"prompt\n1,x\n", 1, null, "quote")]
    [InlineData("", 1, null, "empty")]
    public void An_error_names_line_column_and_what_is_wrong(string text, int line, int? column, string named)
    {
        var exception = Assert.Throws<EvaluationDataException>(() => Read(text));
        Assert.Equal(("rows.csv", line), (exception.File, exception.Line));
        Assert.Contains($"rows.csv, line {line}", exception.Message, StringComparison.Ordinal);
        Assert.Contains(named, exception.Message, StringComparison.Ordinal);
        if (column is not null)
        {
            Assert.Equal(column, exception.Column);
            Assert.Contains($"column {column}", exception.Message, StringComparison.Ordinal);
        }
    }

    private static List<EvaluationRow> Read(string text) => [.. EvaluationRowReader.Read(new StringReader(text), "rows.csv", new() { Format = RowFormat.Csv })];
}
