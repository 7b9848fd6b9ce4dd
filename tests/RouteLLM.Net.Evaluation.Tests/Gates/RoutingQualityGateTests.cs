namespace RouteLLM.Evaluation.Tests.Gates;

public class RoutingQualityGateTests
{
    [Theory]
    [InlineData("apgr=0.8", true)]
    [InlineData("apgr=0.9", false)]
    [InlineData("retained=1", true)]
    [InlineData("quality=1", true)]
    [InlineData("gap=1", true)]
    [InlineData("best=1", true)]
    [InlineData("share=0.25", true)]
    [InlineData("share=0.24", false)]
    [InlineData("cost=0.625", true)]
    [InlineData("cost=0.62", false)]
    [InlineData("usd=0.0125", true)]
    [InlineData("usd=0.0124", false)]
    [InlineData("cpt50=0.125", true)]
    [InlineData("cpt80=0.19", false)]
    [InlineData("ece=0.3", true)]
    [InlineData("ece=0.01", false)]
    [InlineData(" APGR = 0.8 , cost = 0.7 ", true)]
    [InlineData("apgr=0.8,cost=0.1", false)]
    [InlineData("retained@b=1", true)]
    [InlineData("share@b=0.4", false)]
    public async Task A_requirement_holds_or_does_not(string requirements, bool holds)
    {
        // Ten of forty strong answers at 0.02 and thirty weak ones at 0.01 are 0.0125 on average, 62.5% of the strong model's.
        QualityGateResult result = RoutingQualityGate.Parse(requirements).Check(await GatedEvaluation.CreateAsync());

        Assert.Equal(holds, result.Passed);
        Assert.Equal(holds, !result.Failures.Any());
        Assert.Empty(result.Notes);
    }

    [Fact]
    public async Task A_failed_assertion_says_all_that_fell()
    {
        RouterEvaluation evaluation = await GatedEvaluation.CreateAsync(isGood: false);
        RoutingQualityGate gate = RoutingQualityGate.Parse("apgr=0.95,cost=0.1,share=0.5");

        QualityGateException error = Assert.Throws<QualityGateException>(() => gate.Assert(evaluation));

        string[] lines = error.Message.Split(Environment.NewLine);
        Assert.Equal(3, lines.Length);
        Assert.Equal("The router \"delegate\" does not pass the quality gate:", lines[0]);
        Assert.Matches("^  apgr: the APGR is 0\\.\\d+; at least 0\\.95 is required\\.$", lines[1]);
        Assert.Equal("  cost: the cost as a part of the strong model's is 0.625; at most 0.1 is required.", lines[2]);
        Assert.Equal(2, error.Result.Failures.Count());
        RoutingQualityGate.Parse("share=0.5").Assert(evaluation);
    }

    [Fact]
    public async Task What_is_not_known_fails_a_requirement()
    {
        QualityGateResult result = RoutingQualityGate.Parse("cost=0.7,rho=0.1").Check(await GatedEvaluation.CreateAsync(hasCosts: false));

        Assert.Equal(
            ["cost: the cost as a part of the strong model's is not known or not defined; at most 0.7 is required.", "rho: the rank correlation is not known or not defined; at least 0.1 is required."],
            result.Failures.Select(static check => check.Message));
    }

    [Fact]
    public async Task A_router_must_not_fall_behind_the_baseline()
    {
        RouterEvaluation good = await GatedEvaluation.CreateAsync(), worse = await GatedEvaluation.CreateAsync(isGood: false);
        RoutingQualityGate ofGood = new() { Baseline = EvaluationSummary.Create(good) }, ofWorse = new() { Baseline = EvaluationSummary.Create(worse) };

        Assert.True(ofGood.Check(good).Passed);
        Assert.True(ofWorse.Check(good).Passed);

        // Of the ten prompts that the worse router rates highest, six are wins: 36 of 40 answers are right.
        QualityGateResult fell = ofGood.Check(worse);
        Assert.Equal([GateMetric.Apgr, GateMetric.QualityRetained], fell.Failures.Select(static check => check.Metric));
        Assert.Equal("retained: the quality as a part of the strong model's is 0.9, the baseline's 1; it fell by 0.1, and at least 0.99 is tolerated.", fell.Failures.Last().Message);
        Assert.Equal(3, fell.Checks.Count);
        Assert.True((ofGood with { Tolerance = 0.5 }).Check(worse).Passed);
        Assert.False((ofGood with { Tolerance = 0 }).Check(worse).Passed);
        Assert.True((ofGood with { Tolerance = 0 }).Check(good).Passed);
    }

    [Fact]
    public async Task A_dearer_router_is_worse_and_what_is_required_is_compared_too()
    {
        RouterEvaluation cheap = await GatedEvaluation.CreateAsync(), dear = await GatedEvaluation.CreateAsync(strongShare: 0.5);
        RoutingQualityGate gate = RoutingQualityGate.Parse("usd=1,share@a=1") with { Baseline = EvaluationSummary.Create(cheap) };

        QualityGateResult result = gate.Check(dear);

        // Both requirements, the three that are always compared, and the two required metrics again.
        Assert.Equal(7, result.Checks.Count);
        Assert.Equal([(GateMetric.Cost, "overall"), (GateMetric.CostUsd, "overall"), (GateMetric.StrongShare, "a")], result.Failures.Select(static check => (check.Metric, check.Slice)));
        Assert.Contains("share: the strong share of a is 0.35, the baseline's 0; it rose by 0.35, and at most 0.01 is tolerated.", result.Failures.Last().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_baseline_of_other_rows_is_noted_and_one_of_other_models_or_scales_refused()
    {
        RouterEvaluation evaluation = await GatedEvaluation.CreateAsync();
        EvaluationSummary fewer = EvaluationSummary.Create(await GatedEvaluation.CreateAsync(rows: 36)), others = EvaluationSummary.Create(await GatedEvaluation.CreateAsync(strong: "huge"));

        QualityGateResult result = new RoutingQualityGate { Baseline = fewer }.Check(evaluation);

        Assert.True(result.Passed);
        Assert.Contains("other rows", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.Contains("huge and small instead of big and small", Assert.Throws<EvaluationException>(() => new RoutingQualityGate { Baseline = others }.Check(evaluation)).Message, StringComparison.Ordinal);
        Assert.Contains("another scale", Assert.Throws<EvaluationException>(() => new RoutingQualityGate { Baseline = fewer with { Scale = ScoreScale.Percent } }.Check(evaluation)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RoutingQualityGate { Tolerance = -1 }.Check(evaluation));
    }

    [Theory]
    [InlineData("", "does not begin with a metric")]
    [InlineData("speed=1", "expected METRIC=BOUND with one of apgr, cpt50")]
    [InlineData("apgr", "is no requirement; expected METRIC=BOUND")]
    [InlineData("apgr=", "is no requirement")]
    [InlineData("apgr=high", "such as apgr=0.6")]
    [InlineData("apgr=NaN", "is no requirement")]
    [InlineData("apgr@=0.5", "is no requirement")]
    [InlineData("apgr=0.5,", "does not begin with a metric")]
    public void What_is_no_requirement_is_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FormatException>(() => RoutingQualityGate.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_slice_that_is_not_there_is_an_error_and_no_failure()
    {
        RouterEvaluation evaluation = await GatedEvaluation.CreateAsync();

        Assert.Contains("There is no slice \"c\" to require apgr@c >= 0.5 of; there are overall, a, b.", Assert.Throws<EvaluationException>(() => RoutingQualityGate.Parse("apgr@c=0.5").Check(evaluation)).Message, StringComparison.Ordinal);
        Assert.Equal(new QualityRequirement(GateMetric.Apgr, 0.5, "mmlu/a=b"), QualityRequirement.Parse("apgr@mmlu/a=b=0.5"));
    }
}
