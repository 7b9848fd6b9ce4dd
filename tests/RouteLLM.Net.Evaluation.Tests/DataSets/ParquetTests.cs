using Parquet;
using Parquet.Schema;
using Parquet.Serialization;

namespace RouteLLM.Evaluation.Tests;

public class ParquetTests
{
    [Fact]
    public async Task Rows_are_read_from_structs_and_several_row_groups()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("rows.parquet");
        await ParquetSerializer.SerializeAsync(
            Enumerable.Range(0, 25).Select(static i => new Row { id = i, prompt = $"prompt {i}", scores = new Scores { big = i % 2, small = i == 3 ? null : 0.5 }, cost = new Costs { big = 0.01f } }).ToList(),
            path, new ParquetOptions { RowGroupSize = 10 }, cancellationToken: TestContext.Current.CancellationToken);
        List<EvaluationRow> rows = [.. EvaluationRowReader.ReadFile(path)];
        Assert.Equal(25, rows.Count);
        Assert.Equal(("12", "rows", "prompt 12", new RowOrigin(path, 13)), (rows[12].Id, rows[12].Source, rows[12].Prompt, rows[12].Origin));
        Assert.Equal((0, 0.5), (rows[12].Scores["big"], rows[12].Scores["small"]));
        Assert.Equal(0.01f, rows[12].Costs["big"]);
        Assert.Equal("big", Assert.Single(rows[3].Scores).Key);
    }

    [Fact]
    public async Task Flat_columns_are_those_of_CSV_and_a_wrong_value_is_named()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("rows.parquet");
        DataField<string> id = new("id"), prompt = new("prompt");
        DataField<double> score = new("scores.a");
        DataField<long?> tokens = new("tokens.a.input"), output = new("tokens.a.output");
        var schema = new ParquetSchema(id, prompt, score, tokens, output);
        await using (FileStream stream = File.Create(path))
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, stream, cancellationToken: TestContext.Current.CancellationToken))
        {
            using ParquetRowGroupWriter group = writer.CreateRowGroup();
            await group.WriteAsync(id, new[] { "1", "2" });
            await group.WriteAsync(prompt, new[] { "x", "y" });
            await group.WriteAsync<double>(score, new[] { 1, double.NaN }, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<long>(tokens, new long?[] { 5, null }, cancellationToken: TestContext.Current.CancellationToken);
            await group.WriteAsync<long>(output, new long?[] { 7, null }, cancellationToken: TestContext.Current.CancellationToken);
        }

        EvaluationRow row = EvaluationRowReader.ReadFile(path).First();
        Assert.Equal((1, new TokenUsage(5, 7)), (row.Scores["a"], row.Tokens["a"]));
        var exception = Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFile(path).Count());
        Assert.Equal((path, 2, 3), (exception.File, exception.Line, exception.Column));
        Assert.Contains("\"scores.a\" is NaN", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_files_and_columns_are_refused()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("no Parquet file", Read(folder.Write("text.parquet", "id,prompt")).Message, StringComparison.Ordinal);
        string lists = folder.File("lists.parquet");
        await ParquetSerializer.SerializeAsync([new ListRow { id = "1", prompt = ["x"] }], lists, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("prompt", Read(lists).Message, StringComparison.Ordinal);
        string other = folder.File("other.parquet");
        await ParquetSerializer.SerializeAsync([new Costs { big = 1 }], other, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Contains("\"big\"", Read(other).Message, StringComparison.Ordinal);

        static EvaluationDataException Read(string path) => Assert.Throws<EvaluationDataException>(() => EvaluationRowReader.ReadFile(path).Count());
    }

#pragma warning disable IDE1006, CA1812 // The names are those of the columns, and the serializer makes the objects.
    internal sealed class Row
    {
        public int id { get; set; }

        public string? prompt { get; set; }

        public Scores? scores { get; set; }

        public Costs? cost { get; set; }
    }

    internal sealed class Scores
    {
        public double big { get; set; }

        public double? small { get; set; }
    }

    internal sealed class Costs
    {
        public float big { get; set; }
    }

    internal sealed class ListRow
    {
        public string? id { get; set; }

        public List<string>? prompt { get; set; }
    }
#pragma warning restore IDE1006, CA1812
}
