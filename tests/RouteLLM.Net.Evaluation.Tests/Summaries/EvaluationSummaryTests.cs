using System.Text.Json;

namespace RouteLLM.Evaluation.Tests.Summaries;

public class EvaluationSummaryTests
{
    [Fact]
    public async Task What_is_written_is_read_again()
    {
        using var folder = new TemporaryFolder();
        var summary = EvaluationSummary.Create(await GatedEvaluation.CreateAsync());
        string path = folder.Write("summary.json", "older");
        summary.Save(path);

        EvaluationSummary read = EvaluationSummary.Load(path);

        Assert.Equal(summary.ToJson(), read.ToJson());
        Assert.Equal((summary.Overall.Apgr, summary.Overall.Interval, summary.Overall.OperatingPoint), (read.Overall.Apgr, read.Overall.Interval, read.Overall.OperatingPoint));
        Assert.Equal(["a", "b"], read.Slices.Select(static slice => slice.Name));
        Assert.Equal(0.5, read.FindSlice("b")!.WeakQuality);
        Assert.Same(read.Overall, read.FindSlice("overall"));
    }

    [Fact]
    public async Task Properties_are_in_snake_case_and_what_is_not_defined_is_null()
    {
        JsonElement json = JsonSerializer.Deserialize<JsonElement>(EvaluationSummary.Create(await GatedEvaluation.CreateAsync(hasCosts: false)).ToJson());

        JsonElement overall = json.GetProperty("overall");
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("rank_correlation").ValueKind);
        Assert.Equal(JsonValueKind.Null, overall.GetProperty("strong_cost").ValueKind);
        Assert.Equal(("big", "small", 1), (json.GetProperty("strong_model").GetString(), json.GetProperty("weak_model").GetString(), json.GetProperty("scale").GetProperty("maximum").GetInt32()));
        Assert.All(["rows", "strong_quality", "weak_quality", "apgr", "cpt50", "cpt80"], name => Assert.Equal(JsonValueKind.Number, overall.GetProperty(name).ValueKind));
        Assert.True(overall.GetProperty("interval").GetProperty("low").GetDouble() <= overall.GetProperty("apgr").GetDouble());
        Assert.Equal(2, json.GetProperty("sources").GetArrayLength());

        // An infinite threshold, where nothing is strong, is no number either.
        RouterEvaluation never = await GatedEvaluation.CreateAsync(strongShare: 0);
        Assert.True(double.IsNaN(EvaluationSummary.Parse(EvaluationSummary.Create(never).ToJson()).Threshold));
    }

    [Fact]
    public async Task Rows_and_scores_are_told_apart_and_routers_are_not()
    {
        string? one = EvaluationSummary.Create(await GatedEvaluation.CreateAsync()).RowsFingerprint, worse = EvaluationSummary.Create(await GatedEvaluation.CreateAsync(isGood: false)).RowsFingerprint;
        string? fewer = EvaluationSummary.Create(await GatedEvaluation.CreateAsync(rows: 39)).RowsFingerprint;

        Assert.Equal(one, worse);
        Assert.NotEqual(one, fewer);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"router":"r","strong_model":"a","weak_model":"b","overall":null}""")]
    [InlineData("""{"router":"r","strong_model":"a","weak_model":"b","overall":{"name":"overall","rows":1,"apgr":"high"}}""")]
    [InlineData("""{"router":"r","strong_model":"a","weak_model":"b","scale":{"name":"x","minimum":2,"maximum":1},"overall":{"name":"overall","rows":1}}""")]
    public void What_is_no_summary_is_refused_by_name(string json)
    {
        EvaluationException error = Assert.Throws<EvaluationException>(() => EvaluationSummary.Parse(json, "old.json"));
        Assert.StartsWith("old.json is not the summary of an evaluation:", error.Message, StringComparison.Ordinal);
    }
}
