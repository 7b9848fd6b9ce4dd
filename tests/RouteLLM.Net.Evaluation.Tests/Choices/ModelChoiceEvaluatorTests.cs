namespace RouteLLM.Evaluation.Tests;

public class ModelChoiceEvaluatorTests
{
    private static readonly EvaluationRow[] s_rows =
    [
        Row("1", "a/x", (1, 0.03), (1, 0.01), (0, 0.001)),
        Row("2", "a/x", (1, 0.03), (0, 0.01), (0, 0.001)),
        Row("3", "a/y", (0, 0.03), (0, 0.01), (0, 0.001)),
        Row("4", "b", (1, 0.03), (1, 0.01), (1, 0.001)),
    ];

    [Fact]
    public void It_measures_any_function_from_prompt_to_model()
    {
        ChoiceEvaluation evaluation = ModelChoiceEvaluator.Evaluate(static prompt => prompt switch { "prompt 1" => "medium", "prompt 2" => "big", _ => "small" }, s_rows);
        Assert.Equal(["big", "medium", "small"], evaluation.Models);
        ChoiceSlice overall = evaluation.Overall;
        Assert.Equal((4, 0.75, 0.75), (overall.Rows, overall.Quality, overall.OracleQuality));
        Assert.Equal((0.01 + 0.03 + 0.001 + 0.001) / 4, overall.Cost!.Value, 12);
        Assert.Equal(overall.Cost.Value, overall.OracleCost!.Value, 12);
        Assert.Equal([("big", 0.25, 0.75), ("medium", 0.25, 0.5), ("small", 0.5, 0.25)], overall.Models.Select(static model => (model.Model, model.Share, model.Quality)));
        Assert.Equal("big", overall.BestModel.Model);
        Assert.Equal((1, 1, 0.5), (overall.QualityRetained, overall.BestModelShare, overall.RandomQuality));
        Assert.Equal(1 - (0.042 / 0.12), overall.CostSaved!.Value, 12);
        Assert.Equal(0.041 / 3, overall.RandomCost!.Value, 12);
        Assert.Equal([("a", 3), ("a/x", 2), ("a/y", 1), ("b", 1)], evaluation.Slices.Select(static slice => (slice.Name, slice.Rows)));
        Assert.InRange(0.75, overall.QualityInterval.Low, overall.QualityInterval.High);
    }

    [Fact]
    public void Settings_of_a_router_make_a_hull_with_its_AIQ()
    {
        var hull = CostQualityHull.Create(new[] { "big", "medium", "small" }.Select(static model =>
        {
            ChoiceSlice overall = ModelChoiceEvaluator.Evaluate(_ => model, s_rows).Overall;
            return (overall.Cost!.Value, overall.Quality);
        }));
        Assert.Equal([0.25, 0.5, 0.75], hull.Vertices.Select(static vertex => vertex.Quality));
        Assert.Equal(((0.375 * 0.009) + (0.625 * 0.02)) / 0.029, hull.AverageQuality(), 12);
    }

    [Fact]
    public void Models_may_be_fewer_and_rows_without_them_are_refused_or_skipped()
    {
        EvaluationRow[] rows = [.. s_rows, new() { Id = "5", Prompt = "prompt 5", Scores = new Dictionary<string, double> { ["big"] = 1 }, Origin = new("rows.jsonl", 5) }];
        Assert.Equal(5, ModelChoiceEvaluator.Evaluate(static _ => "big", rows, new() { Models = ["big"] }).Overall.Rows);
        string message = Assert.Throws<EvaluationException>(() => ModelChoiceEvaluator.Evaluate(static _ => "big", rows)).Message;
        Assert.Contains("rows.jsonl, line 5", message, StringComparison.Ordinal);
        Assert.Contains("\"medium\"", message, StringComparison.Ordinal);
        ChoiceEvaluation skipped = ModelChoiceEvaluator.Evaluate(static _ => "big", rows, new() { MissingScores = MissingScoreHandling.Skip });
        Assert.Equal((4, 1), (skipped.Overall.Rows, skipped.SkippedRows));
    }

    [Fact]
    public void Wrong_input_is_refused()
    {
        string message = Assert.Throws<EvaluationException>(static () => ModelChoiceEvaluator.Evaluate(static _ => "huge", s_rows)).Message;
        Assert.Contains("\"huge\"", message, StringComparison.Ordinal);
        Assert.Contains("\"1\"", message, StringComparison.Ordinal);
        Assert.Throws<EvaluationException>(static () => ModelChoiceEvaluator.Evaluate(static _ => "big", []));
        Assert.Throws<EvaluationException>(static () => ModelChoiceEvaluator.Evaluate(static _ => "big", [new() { Id = "1", Prompt = "p" }]));
    }

    [Fact]
    public void Costs_that_are_not_known_of_every_row_are_not_reported()
    {
        ChoiceSlice overall = ModelChoiceEvaluator.Evaluate(static _ => "big", [s_rows[0], s_rows[1] with { Costs = new Dictionary<string, double>() }]).Overall;
        Assert.True(overall is { Cost: null, CostSaved: null, OracleCost: null, RandomCost: null, Latency: null });
    }

    private static EvaluationRow Row(string id, string source, (double Score, double Cost) big, (double Score, double Cost) medium, (double Score, double Cost) small) => new()
    {
        Id = id,
        Source = source,
        Prompt = $"prompt {id}",
        Scores = new Dictionary<string, double> { ["big"] = big.Score, ["medium"] = medium.Score, ["small"] = small.Score },
        Costs = new Dictionary<string, double> { ["big"] = big.Cost, ["medium"] = medium.Cost, ["small"] = small.Cost },
    };
}
