using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Evaluation.Tests;

public class RouteLlmMetricsTests
{
    private const string Strong = "gpt-4-1106-preview", Weak = "mistralai/Mixtral-8x7B-Instruct-v0.1";

    [Fact]
    public void Interpolation_is_that_of_numpy_on_places_that_are_not_sorted() => Assert.All(Golden.Load("interp.json").EnumerateArray(), static test =>
    {
        double[] places = Golden.Numbers(test.GetProperty("xp")), values = Golden.Numbers(test.GetProperty("fp"));
        foreach ((double x, double expected) in Golden.Numbers(test.GetProperty("x")).Zip(Golden.Numbers(test.GetProperty("interp"))))
        {
            Golden.Equal(expected, RouteLlmMetrics.Interpolate(x, places, values), $"interp({x})");
        }
    });

    [Fact]
    public void Tables_of_points_give_the_numbers_of_the_original() => Assert.All(Golden.Load("sweeps.json").EnumerateArray(), static test =>
        Check(test, RouteLlmMetrics.Summarize(Points(test), Golden.Number(test, "weak_accuracy"), Golden.Number(test, "strong_accuracy")), test.GetProperty("name").GetString()!));

    [Fact]
    public void Samples_give_the_thresholds_points_and_numbers_of_the_original()
    {
        var samples = new Dictionary<string, (double[] Score, double[] Strong, double[] Weak)>();
        Assert.All(Golden.Load("samples.json").EnumerateArray(), test =>
        {
            string name = test.GetProperty("name").GetString()!;
            JsonElement sample = test.GetProperty("samples");
            double[] score = Golden.Numbers(sample.GetProperty("score")), strong = Golden.Numbers(sample.GetProperty("strong")), weak = Golden.Numbers(sample.GetProperty("weak"));
            int results = test.GetProperty("num_results").GetInt32();
            if (test.TryGetProperty("error", out _))
            {
                Assert.Contains("equal", Assert.Throws<ArgumentException>(() => RouteLlmMetrics.Evaluate(score, strong, weak, results)).Message, StringComparison.Ordinal);
                return;
            }

            Check(test, RouteLlmMetrics.Evaluate(score, strong, weak, results), $"{name} {results}");
            CheckOptimal(test, strong, weak);
        });
    }

    [Theory]
    [InlineData("gsm8k", "gsm8k", 100)]
    [InlineData("mmlu", "mmlu/", 100)]
    [InlineData("mt_bench", "mt", 10)]
    public async Task The_prompt_length_router_gets_the_reference_figures_on_its_benchmarks(string benchmark, string source, double unit)
    {
        JsonElement expected = Golden.Load("real.json").GetProperty(benchmark);
        EvaluationRow[] rows = [.. SharedData.Read("routellm.jsonl.gz").Where(row => row.Source.StartsWith(source, StringComparison.Ordinal))];
        Assert.Equal(expected.GetProperty("count").GetInt32(), rows.Length);

        var router = new PromptLengthRouter(expected.GetProperty("min_length").GetInt32(), expected.GetProperty("max_length").GetInt32());
        RouterEvaluation evaluation = await RouterEvaluator.EvaluateAsync(
            router, rows, new() { StrongModel = Strong, WeakModel = Weak, Bootstrap = new() { Resamples = 20 } }, TestContext.Current.CancellationToken);
        double[] score = [.. evaluation.Overall.EvaluatedRows.Select(static row => row.WinProbability)];
        double[] strong = [.. evaluation.Overall.EvaluatedRows.Select(static row => row.StrongScore)], weak = [.. evaluation.Overall.EvaluatedRows.Select(static row => row.WeakScore)];
        Check(expected.GetProperty("num_results_10"), RouteLlmMetrics.Evaluate(score, strong, weak, 10, unit), benchmark);
        if (expected.TryGetProperty("num_results_20", out JsonElement finer))
        {
            Check(finer, RouteLlmMetrics.Evaluate(score, strong, weak, 20, unit), benchmark);
        }

        // The full sweep is not the same number, but it cannot be far from eleven of its points.
        Assert.Equal(Golden.Number(expected.GetProperty("num_results_10"), "apgr"), evaluation.Overall.Apgr, 0.02);
        if (unit == 100)
        {
            CheckOptimal(expected.GetProperty("num_results_10"), strong, weak);
        }
    }

    [Fact]
    public void Wrong_input_is_refused()
    {
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.Evaluate([], [], []));
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.Evaluate([0.1, double.NaN], [1, 1], [0, 0], 1));
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.Evaluate([0.1], [1, 1], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(static () => RouteLlmMetrics.Evaluate([0.1, 0.2], [1, 1], [0, 0], 0));
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.Summarize([], 0, 1));
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.Interpolate(0, [], []));
        Assert.Throws<ArgumentException>(static () => RouteLlmMetrics.OptimalAccuracy([1], [], 0.5));
    }

    private static RouteLlmPoint[] Points(JsonElement test) =>
        [.. test.GetProperty("points").EnumerateArray().Select(static point => new RouteLlmPoint(Golden.Number(point, "strong_percentage"), Golden.Number(point, "accuracy")))];

    private static void Check(JsonElement expected, RouteLlmResult actual, string name)
    {
        RouteLlmPoint[] points = Points(expected);
        Assert.Equal(points.Length, actual.Points.Count);
        foreach ((RouteLlmPoint point, RouteLlmPoint other) in points.OrderBy(static point => point.StrongPercentage).Zip(actual.Points))
        {
            Golden.Equal(point.StrongPercentage, other.StrongPercentage, $"{name} strong percentage");
            Golden.Equal(point.Accuracy, other.Accuracy, $"{name} accuracy");
        }

        double[] thresholds = [.. expected.GetProperty("points").EnumerateArray().Where(static point => point.TryGetProperty("threshold", out _)).Select(static point => Golden.Number(point, "threshold")).Order()];
        foreach ((double threshold, RouteLlmPoint point) in thresholds.Zip(actual.Points.OrderBy(static point => point.Threshold)))
        {
            Golden.Equal(threshold, point.Threshold, $"{name} threshold");
        }

        Golden.Equal(Golden.Number(expected, "weak_accuracy"), actual.WeakAccuracy, $"{name} weak accuracy");
        Golden.Equal(Golden.Number(expected, "strong_accuracy"), actual.StrongAccuracy, $"{name} strong accuracy");
        JsonElement cpt = expected.GetProperty("cpt");
        Golden.Equal(Golden.Number(cpt, "20"), actual.Cpt20, $"{name} CPT20");
        Golden.Equal(Golden.Number(cpt, "50"), actual.Cpt50, $"{name} CPT50");
        Golden.Equal(Golden.Number(cpt, "80"), actual.Cpt80, $"{name} CPT80");
        Golden.Equal(Golden.Number(expected, "auc"), actual.Auc, $"{name} AUC");
        Golden.Equal(Golden.Number(expected, "apgr"), actual.Apgr, $"{name} APGR");
    }

    private static void CheckOptimal(JsonElement expected, double[] strong, double[] weak)
    {
        foreach (JsonProperty optimal in expected.GetProperty("optimal_accuracy_at_strong_percent").EnumerateObject())
        {
            double share = double.Parse(optimal.Name, CultureInfo.InvariantCulture) / 100;
            Golden.Equal(Golden.Number(optimal.Value), RouteLlmMetrics.OptimalAccuracy(strong, weak, share), $"optimal at {optimal.Name}%");
        }
    }
}
