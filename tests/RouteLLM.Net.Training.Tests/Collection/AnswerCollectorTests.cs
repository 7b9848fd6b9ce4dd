using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;
using static RouteLLM.Training.Tests.Collection.CollectionFolder;

namespace RouteLLM.Training.Tests.Collection;

public sealed class AnswerCollectorTests : IDisposable
{
    private readonly CollectionFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Answers_are_scored_and_written_as_rows_that_can_be_read()
    {
        var collector = new AnswerCollector([Model("strong", Number()), Model("weak", Number(offset: 1))], _folder.Options(Exact()));

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(3)), cancellationToken: TestContext.Current.CancellationToken);

        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(_folder.Output)];
        Assert.Equal(["p0", "p1", "p2"], rows.Select(row => row.Id));
        Assert.All(rows, row =>
        {
            Assert.Equal(("set/part", "train"), (row.Source, row.Split));
            Assert.Equal([("strong", 1.0), ("weak", 0.0)], row.Scores.Select(score => (score.Key, score.Value)));
            Assert.Equal([("strong", 0.00006), ("weak", 0.00006)], row.Costs.Select(cost => (cost.Key, cost.Value)));
        });
        Assert.Equal("prompt 2", rows[2].Prompt);
        Assert.Equal(new CallCost(6, 60, 12, 0.00036m), result.Spent);
        Assert.Equal((0, false, 0), (result.Missing, result.CapReached, result.Failures.Count));
        Assert.Equal([1, 1, 1], LabelRules.FromScores(result.Rows.Select(row => row.Row), "strong", "weak").Labels.Select(label => label.Label));
    }

    [Fact]
    public async Task A_second_run_asks_for_nothing_and_writes_the_same_file()
    {
        FakeModel strong = Number(), weak = Number(1);
        await RunAsync(3, Exact(), strong, weak);
        byte[] first = await File.ReadAllBytesAsync(_folder.Output, TestContext.Current.CancellationToken);

        CollectionResult result = await RunAsync(3, Exact(), strong, weak);

        Assert.Equal(6, strong.Calls.Count + weak.Calls.Count);
        Assert.Equal(CallCost.None, result.Spent);
        Assert.Equal(0.00036m, result.SpentInAll.Usd);
        Assert.Equal(first, await File.ReadAllBytesAsync(_folder.Output, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task More_prompts_or_another_model_pay_only_for_what_is_new()
    {
        FakeModel strong = Number(), weak = Number(1), third = Number(2);
        await RunAsync(3, Exact(), strong, weak);

        CollectionResult result = await RunAsync(4, Exact(), strong, weak, third);

        Assert.Equal((4, 4, 4), (strong.Calls.Count, weak.Calls.Count, third.Calls.Count));
        Assert.Equal(6, result.Spent.Calls);
    }

    [Fact]
    public async Task Changed_settings_prompts_and_references_are_paid_for_anew_and_changed_back_they_are_not()
    {
        FakeModel model = Number();
        await RunAsync(model, new ChatOptions(), Prompts(1));
        await RunAsync(model, new ChatOptions { Temperature = 1 }, Prompts(1));
        await RunAsync(model, new ChatOptions { Instructions = "Be brief." }, Prompts(1));
        await RunAsync(model, new ChatOptions { AdditionalProperties = new() { ["x"] = 1 } }, Prompts(1));
        await RunAsync(model, new ChatOptions(), [new CollectionPrompt("p0", "prompt 7", "0")]);
        Assert.Equal(5, model.Calls.Count);

        await RunAsync(model, new ChatOptions(), Prompts(1));
        CollectionResult other = await RunAsync(model, new ChatOptions(), [new CollectionPrompt("p0", "prompt 0", "9")]);

        Assert.Equal(5, model.Calls.Count);
        Assert.Equal(0, other.Rows[0].Row.Scores["m"]);

        async Task<CollectionResult> RunAsync(FakeModel client, ChatOptions options, CollectionPrompt[] prompts)
        {
            var collector = new AnswerCollector([new CollectionModel("m", client) { Options = options }], _folder.Options(Exact()));
            return await collector.RunAsync(collector.Plan(prompts));
        }
    }

    [Fact]
    public async Task A_model_that_fails_leaves_the_row_without_its_score_and_is_listed_and_only_it_is_tried_again()
    {
        bool broken = true;
        FakeModel strong = Number();
        var weak = new FakeModel((prompt, _) => broken && prompt == "prompt 1" ? Task.FromException<ChatResponse>(new InvalidOperationException("no such model")) : Task.FromResult(FakeModel.Answer(prompt)));

        CollectionResult partial = await RunAsync(3, Exact(), strong, weak);

        Assert.Equal(new CollectionFailure(CollectionStage.Answer, "p1", "m1", null, 0, "InvalidOperationException: no such model"), Assert.Single(partial.Failures));
        Assert.Equal(2, partial.Missing);
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(_folder.Output)];
        Assert.Equal(["m0"], rows[1].Scores.Keys);
        Assert.Equal(["m0", "m1"], rows[2].Scores.Keys);
        Assert.Contains(_folder.JournalLines(), line => line.Contains("\"kind\":\"failure\"") && line.Contains("no such model"));

        broken = false;
        CollectionResult whole = await RunAsync(3, Exact(), strong, weak);

        Assert.Equal(3, strong.Calls.Count);
        Assert.Equal(["prompt 1", "prompt 1"], weak.Prompts.Where(prompt => prompt == "prompt 1"));
        Assert.Equal(4, weak.Calls.Count);
        Assert.Equal((0, 0), (whole.Missing, whole.Failures.Count));
        Assert.Equal(["m0", "m1"], whole.Rows[1].Row.Scores.Keys);
    }

    [Fact]
    public async Task A_judgement_that_fails_costs_what_it_cost_and_is_made_again_without_asking_for_answers()
    {
        bool broken = true;
        FakeModel strong = Number(), weak = Number(1);
        var judge = new FakeModel(_ => broken ? "who knows" : """{"winner": "tie"}""");
        var scorer = new PairwiseJudgeScorer(judge, new JudgeScorerOptions { Price = Price });

        CollectionResult partial = await RunAsync(1, scorer, strong, weak);

        CollectionFailure failure = Assert.Single(partial.Failures);
        Assert.Equal((CollectionStage.Judgement, "p0", "m0", "m1"), (failure.Stage, failure.Id, failure.Model, failure.Rival));
        Assert.Equal(new CallCost(4, 40, 8, 0.00024m), partial.Spent);
        Assert.Empty(partial.Rows[0].Row.Scores);
        Assert.Equal(0.00024m, new AnswerCollector([Model("m", strong)], _folder.Options()).Plan([]).SpentEarlier.Usd);

        broken = false;
        CollectionResult whole = await RunAsync(1, scorer, strong, weak);

        Assert.Equal((1, 1, 4), (strong.Calls.Count, weak.Calls.Count, judge.Calls.Count));
        Assert.Equal([0.5, 0.5], whole.Rows[0].Row.Scores.Values);
        Assert.Equal(0.00036m, whole.SpentInAll.Usd);
    }

    [Fact]
    public async Task Models_are_compared_in_pairs_and_get_the_mean_over_their_rivals()
    {
        // The longer answer wins.
        var scorer = DelegateResponseScorer.FromRewardDifference("length", (request, _) => new(request.Response.Length * 1000.0));
        FakeModel[] models = [new(_ => "x"), new(_ => "xxx"), new(_ => "xx")];

        CollectionResult result = await RunAsync(1, scorer, models);

        Assert.Equal([("m0", 0.0), ("m1", 1.0), ("m2", 0.5)], result.Rows[0].Row.Scores.Select(score => (score.Key, score.Value)).Order());
    }

    [Fact]
    public async Task The_order_in_which_models_are_listed_makes_no_judgement_anew()
    {
        var judge = new FakeModel(_ => """{"winner": "tie"}""");
        var scorer = new PairwiseJudgeScorer(judge);
        CollectionModel a = Model("a", Number()), b = Model("b", Number(1));
        foreach (CollectionModel[] models in (CollectionModel[][])[[a, b], [b, a]])
        {
            var collector = new AnswerCollector(models, _folder.Options(scorer));
            await collector.RunAsync(collector.Plan(Prompts(2)), cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(4, judge.Calls.Count);
    }

    [Fact]
    public async Task Several_samples_are_asked_for_with_different_seeds_and_written_for_probabilistic_labels()
    {
        int next = 0;
        var strong = new FakeModel(_ => $"{next++ % 2}");
        var weak = new FakeModel(_ => "0");
        CollectionOptions options = _folder.Options(Exact());
        options.Samples = 4;
        var collector = new AnswerCollector([new CollectionModel("strong", strong) { Options = new ChatOptions { Seed = 10 } }, new CollectionModel("weak", weak)], options);

        await collector.RunAsync(collector.Plan([new CollectionPrompt("a", "prompt", "1")]), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal([10, 11, 12, 13], strong.Calls.Select(call => call.Options!.Seed));
        Assert.All(weak.Calls, call => Assert.Null(call.Options!.Seed));
        SampledRow row = Assert.Single(SampledRowReader.ReadFile(_folder.Output));
        Assert.Equal([0, 1, 0, 1], row.Samples["strong"]);
        Assert.Equal([0, 0, 0, 0], row.Samples["weak"]);
        Assert.Equal(0.5, row.Row.Scores["strong"]);
        Assert.Equal(0.5, HybridLabelRules.Probabilistic([row], "strong", "weak").Labels[0].Label);
    }

    [Fact]
    public async Task The_same_answer_to_the_same_prompt_is_judged_once()
    {
        var judge = new FakeModel(_ => """{"score": 7}""");
        CollectionOptions options = _folder.Options(new PointwiseJudgeScorer(judge));
        options.Samples = 3;
        var reports = new Reports();
        var collector = new AnswerCollector([Model("a", new FakeModel(_ => "same")), Model("b", new FakeModel(_ => "same"))], options);

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(2)), reports, TestContext.Current.CancellationToken);

        Assert.Equal(2, judge.Calls.Count);
        Assert.Equal(0, result.Missing);
        Assert.Equal((12, 12), (reports.Last.JudgementsDone, reports.Last.JudgementsTotal));
    }

    [Fact]
    public async Task Answers_alone_are_collected_without_a_scorer()
    {
        CollectionResult result = await RunAsync(2, null, Number());

        Assert.Empty(result.Rows[0].Row.Scores);
        Assert.Equal(0, result.Missing);
        Assert.Equal(2, EvaluationRowReader.ReadFile(_folder.Output).Count());
        Assert.Contains("\"text\":\"It is 1.\"", _folder.JournalLines()[^1] + _folder.JournalLines()[^2]);
    }

    [Fact]
    public async Task Answers_of_any_characters_survive_the_journal()
    {
        string[] answers = ["line\r\nbreaks\u2028\u2029\u0085", "\ud800 lone", "\"quotes\\\"", "\0\u0001\u007f", "emoji 🎉 漢字", ""];
        var scorer = DelegateResponseScorer.FromScore("counts", (request, _) => new(request.Response.Length % 2));
        var model = new FakeModel(prompt => answers[int.Parse(prompt["prompt ".Length..])]);
        CollectionResult first = await RunAsync(answers.Length, scorer, model);

        CollectionResult second = await RunAsync(answers.Length, scorer, model);

        Assert.Equal(answers.Length, model.Calls.Count);
        Assert.Equal(0, second.Missing);
        Assert.Equal(first.Rows.Select(row => row.Row.Scores["m0"]), second.Rows.Select(row => row.Row.Scores["m0"]));
        Assert.Equal(answers.Length * 2, _folder.JournalLines().Length);
    }

    [Fact]
    public async Task A_scorer_that_gives_no_score_in_bounds_fails_alone()
    {
        CollectionResult result = await RunAsync(1, new BrokenScorer(), Number());

        Assert.Contains("1.5", Assert.Single(result.Failures).Problem);
        Assert.Single(_folder.JournalLines(), line => line.Contains("\"kind\":\"answer\""));
    }

    [Fact]
    public async Task A_plan_of_another_collector_is_refused()
    {
        var one = new AnswerCollector([Model("m", Number())], _folder.Options());
        var other = new AnswerCollector([Model("m", Number())], _folder.Options());

        await Assert.ThrowsAsync<ArgumentException>(() => one.RunAsync(other.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => one.Export(other.Plan(Prompts(1))));
    }

    [Fact]
    public void What_cannot_be_collected_is_refused_before_anything_is_paid()
    {
        FakeModel model = Number();
        var collector = new AnswerCollector([Model("m", model)], _folder.Options(Exact()));

        Assert.Contains("'p0'", Assert.Throws<ArgumentException>(() => collector.Plan([.. Prompts(1), .. Prompts(1)])).Message);
        Assert.Contains("reference", Assert.Throws<ArgumentException>(() => collector.Plan([new CollectionPrompt("a", "p")])).Message);
        Assert.Throws<ArgumentException>(() => collector.Plan([new CollectionPrompt("a", " ", "r")]));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([], _folder.Options()));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", model), Model("m", model)], _folder.Options()));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", model)], _folder.Options(new PairwiseJudgeScorer(model))));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", model)], new CollectionOptions { JournalPath = "x", OutputPath = "./x" }));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", model)], new CollectionOptions { JournalPath = "x", Samples = 0 }));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([Model("m", model)], new CollectionOptions { JournalPath = "x", MaxConcurrency = 0 }));
        Assert.Throws<ArgumentException>(() => new AnswerCollector([new CollectionModel("m", model) { ExpectedOutputTokens = 0 }], _folder.Options()));
        Assert.Empty(model.Calls);
        Assert.False(File.Exists(_folder.Journal));
    }

    [Fact]
    public async Task A_route_is_asked_for_its_own_model()
    {
        FakeModel model = Number();
        var collector = new AnswerCollector([new CollectionModel(new ModelRoute("strong", model) { ModelId = "gpt-4.1" })], _folder.Options());

        CollectionResult result = await collector.RunAsync(collector.Plan(Prompts(1)), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("gpt-4.1", model.Calls.Single().Options!.ModelId);
        Assert.Equal(0, result.Missing);
    }

    private Task<CollectionResult> RunAsync(int prompts, IResponseScorer? scorer, params FakeModel[] models)
    {
        var collector = new AnswerCollector(models.Select((model, i) => Model($"m{i}", model)), _folder.Options(scorer));
        return collector.RunAsync(collector.Plan(Prompts(prompts)));
    }

    private sealed class BrokenScorer : IResponseScorer
    {
        public string Name => "broken";

        public string Fingerprint => "broken";

        public bool IsPairwise => false;

        public bool NeedsReference => false;

        public ValueTask<ResponseScore> ScoreAsync(ScoringRequest request, CancellationToken cancellationToken = default) => new(new ResponseScore(1.5, CallCost.None));
    }
}
