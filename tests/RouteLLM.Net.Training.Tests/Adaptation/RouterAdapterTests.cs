using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests;

public class RouterAdapterTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Fifty_rows_of_a_shifted_domain_help(int seed)
    {
        LabeledPrompt[] unseen = Domain.Rows(1000, 99, static (_, logit) => logit - 2, draw: false);
        AdaptedRouter adapted = Adapt(Domain.Rows(50, seed, static (_, logit) => logit - 2));
        double before = Domain.LogLoss(Domain.Original, unseen), after = Domain.LogLoss(Domain.Score(adapted), unseen);
        Assert.True(after < before - 0.1, $"{after} should be well below {before}");
        Assert.Equal(AdaptationVerdict.Better, adapted.Report!.Verdict);
        Assert.StartsWith("better: use the adapted router", adapted.Report.Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void More_rows_teach_words_that_the_original_does_not_know()
    {
        LabeledPrompt[] unseen = Domain.Rows(1000, 99, Domain.NewWords, draw: false);
        double[] labels = [.. unseen.Select(static row => row.Label)];
        double Rho(Func<string, double> score) => RankCorrelation.Spearman([.. unseen.Select(row => score(row.Prompt))], labels);
        AdaptedRouter adapted = Adapt(Domain.Rows(200, 1, Domain.NewWords));
        Assert.InRange(Rho(Domain.Original), 0, 0.75);
        Assert.InRange(Rho(Domain.Score(adapted)), 0.9, 1);
        Assert.True(double.IsFinite(adapted.FeaturePenalty));
        Assert.True(adapted.Report!.RankCorrelation.Difference.Low > 0);
    }

    [Theory]
    [InlineData(0, 0.05)]
    [InlineData(0.2, 0.1)]
    [InlineData(1, 0.3)]
    public void Fifty_rows_of_noise_do_bounded_harm_where_the_original_was_right(double noise, double mostOnAverage)
    {
        LabeledPrompt[] own = Domain.Rows(500, 99, static (_, logit) => logit, draw: false);
        double mean = own.Average(static row => row.Label);
        double before = Domain.LogLoss(Domain.Original, own), knowingNothing = Domain.LogLoss(_ => mean, own);
        double[] losses = [.. Enumerable.Range(0, 5).Select(seed => Domain.LogLoss(Domain.Score(Adapt(Noisy(seed), assess: false)), own))];
        Assert.All(losses, loss => Assert.InRange(loss, before - 1e-3, knowingNothing + 0.11));
        Assert.InRange(losses.Average() - before, -1e-3, mostOnAverage);

        // As the original has it, but for a share of coin flips.
        LabeledPrompt[] Noisy(int seed)
        {
            var random = new Random(seed);
            return [.. Domain.Rows(50, seed, static (_, logit) => logit).Select(row => random.NextDouble() < noise ? row with { Label = random.Next(2) } : row)];
        }
    }

    [Fact]
    public void Where_nothing_is_to_be_gained_it_says_so_and_scores_as_the_original_does()
    {
        AdaptedRouter adapted = Adapt(Domain.Rows(50, 3, static (_, logit) => logit, draw: false));
        Assert.True(adapted.KeepsOriginal);
        Assert.Equal(AdaptationVerdict.NoGain, adapted.Report!.Verdict);
        Assert.StartsWith("no gain: keep the original", adapted.Report.Summary, StringComparison.Ordinal);
        Assert.All(Domain.Prompts(100, 5), prompt => Assert.Equal(Domain.Original(prompt), Domain.Score(adapted)(prompt), 2e-3));
        Assert.Equal((1, 0, double.PositiveInfinity), (adapted.Scale, adapted.Offset, adapted.FeaturePenalty));
    }

    [Fact]
    public void Without_corrections_the_adapted_logit_is_scale_times_original_plus_offset()
    {
        AdaptedRouter adapted = RouterAdapter.Adapt(Domain.Model, [new("shifted", Domain.Rows(200, 1, static (_, logit) => (0.5 * logit) + 1))], new AdaptationOptions { FeaturePenalties = [] }, Token);
        Assert.False(adapted.KeepsOriginal);
        Assert.InRange(adapted.Scale, 0.2, 0.8);
        Assert.InRange(adapted.Offset, 0.5, 1.5);
        Assert.All(Domain.Prompts(50, 8), prompt => Assert.Equal((adapted.Scale * Domain.Logit(Domain.Original(prompt))) + adapted.Offset, Domain.Logit(Domain.Score(adapted)(prompt)), 0.01));
    }

    [Fact]
    public void The_heavier_of_two_sets_that_disagree_has_its_way()
    {
        LabeledPrompt[] up = Domain.Rows(100, 1, static (_, logit) => logit + 2, draw: false), down = Domain.Rows(100, 1, static (_, logit) => logit - 2, draw: false);
        double Offset(double upWeight, double downWeight) => RouterAdapter.Adapt(Domain.Model, [new("up", up, upWeight), new("down", down, downWeight)], new AdaptationOptions { Assess = false }, Token).Offset;
        Assert.InRange(Offset(5, 1), 0.3, 2);
        Assert.InRange(Offset(1, 5), -2, -0.3);
        Assert.InRange(Offset(1, 1), -0.3, 0.3);
    }

    [Fact]
    public void Replayed_rows_keep_what_the_original_knew_and_do_not_count_in_the_verdict()
    {
        LabeledPrompt[] own = Domain.Rows(200, 41, static (_, logit) => logit, draw: false), shifted = Domain.Rows(60, 1, static (_, logit) => logit - 2);
        AdaptedRouter alone = Adapt(shifted);
        AdaptedRouter replayed = RouterAdapter.Adapt(Domain.Model, [new("new", shifted), new("old", own, 2, isReplay: true)], cancellationToken: Token);
        Assert.True(Domain.LogLoss(Domain.Score(replayed), own) < Domain.LogLoss(Domain.Score(alone), own));
        Assert.Equal(60, replayed.Report!.Rows);
        Assert.Equal(alone.Report!.LogLoss.Before, replayed.Report.LogLoss.Before, 9);
        Assert.Equal([(60, false), (200, true)], replayed.Report.Sets.Select(static set => (set.Rows, set.IsReplay)));
        Assert.Equal(260, replayed.HeldOut.Count);
    }

    [Fact]
    public void The_artifact_is_an_ordinary_one_of_the_new_pair_that_tells_where_it_comes_from()
    {
        string path = Path.GetTempFileName();
        try
        {
            AdaptationSet set = new("tickets", Domain.Rows(60, 1, static (_, logit) => logit - 2), 3);
            AdaptedRouter adapted = RouterAdapter.Adapt(Domain.Model, [set], new AdaptationOptions { StrongModel = "gpt-5", WeakModel = "gpt-5-mini", Name = "mine", Seed = 4, Metadata = new Dictionary<string, string> { ["license"] = "ours" } }, Token);
            File.WriteAllBytes(path, adapted.Artifact.Span);
            var loaded = HashedMatrixFactorizationModel.Load(path);
            Assert.Equal(["gpt-5", "gpt-5-mini"], loaded.Models);
            Assert.Equal(("gpt-5", "gpt-5-mini"), (loaded.StrongModel, loaded.WeakModel));
            HashedMatrixFactorizationRouter router = loaded.ForDefaultPair();
            Assert.All(Domain.Prompts(20, 2), prompt => Assert.Equal(Domain.Score(adapted)(prompt), router.PredictWinProbability(prompt)));
            Assert.Equal("mine", router.GetService<RouterMetadata>()!.Name);
            Assert.Equal(Domain.Model.Fingerprint, loaded.Metadata["adaptation.original"]);
            Assert.Equal("big, small", loaded.Metadata["adaptation.original_pair"]);
            Assert.Equal("tickets; 60 rows; weight 3", loaded.Metadata["adaptation.set.1"]);
            Assert.Equal("60", loaded.Metadata["adaptation.rows"]);
            Assert.Equal("4", loaded.Metadata["adaptation.seed"]);
            Assert.Equal("ours", loaded.Metadata["license"]);
            Assert.Equal("MIT", loaded.Metadata["original.license"]);
            Assert.Equal("made-up words", loaded.Metadata["original.data.words"]);
            Assert.DoesNotContain("training.rows", loaded.Metadata.Keys);

            // The reverse pair is no less sound for it: a tie is a win of neither.
            string sample = Domain.Prompts(1, 6)[0];
            Assert.InRange(loaded.ForPair("gpt-5-mini", "gpt-5").PredictWinProbability(sample) + router.PredictWinProbability(sample), 0, 1 + 1e-6);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_pair_that_the_original_knows_starts_from_that_pair()
    {
        HashedMatrixFactorizationRouter pair = Domain.Model.ForPair("middle", "small");
        LabeledPrompt[] rows = [.. Domain.Prompts(40, 4).Select(prompt => new LabeledPrompt(prompt, pair.PredictWinProbability(prompt)))];
        AdaptedRouter adapted = RouterAdapter.Adapt(Domain.Model, [new("own", rows)], new AdaptationOptions { StrongModel = "middle" }, Token);
        Assert.True(adapted.KeepsOriginal);
        Assert.Equal("middle, small", adapted.Router.GetService<HashedMatrixFactorizationModel>()!.Metadata["adaptation.original_pair"]);
        Assert.All(rows, row => Assert.Equal(row.Label, Domain.Score(adapted)(row.Prompt), 2e-3));
    }

    [Fact]
    public void An_adapted_router_can_be_adapted_again()
    {
        AdaptedRouter first = Adapt(Domain.Rows(60, 1, static (_, logit) => logit - 2), assess: false);
        var model = HashedMatrixFactorizationModel.Load(SafetensorsFile.Parse(first.Artifact));
        AdaptedRouter second = RouterAdapter.Adapt(model, [new("back", Domain.Rows(100, 2, static (_, logit) => logit))], new AdaptationOptions { Assess = false }, Token);
        LabeledPrompt[] unseen = Domain.Rows(500, 99, static (_, logit) => logit, draw: false);
        Assert.True(Domain.LogLoss(Domain.Score(second), unseen) < Domain.LogLoss(Domain.Score(first), unseen));
        Assert.Equal(Domain.Model.Fingerprint, second.Router.GetService<HashedMatrixFactorizationModel>()!.Metadata["original.adaptation.original"]);
    }

    [Fact]
    public void A_strong_share_holds_on_the_adapted_prompts_once_they_are_many()
    {
        AdaptationSet set = new("shifted", Domain.Rows(400, 1, static (_, logit) => logit - 2));
        AdaptedRouter own = RouterAdapter.Adapt(Domain.Model, [set], new AdaptationOptions { Assess = false, QuantilePriorRows = 0 }, Token);
        ScoreQuantiles quantiles = own.Router.GetService<ScoreQuantiles>()!;
        Assert.Equal(0.3, own.HeldOut.Average(score => score >= quantiles.ThresholdForStrongShare(0.3) ? 1.0 : 0), 0.02);
        Assert.Equal(0.3, Domain.Prompts(1000, 77).Average(prompt => Domain.Score(own)(prompt) >= quantiles.ThresholdForStrongShare(0.3) ? 1.0 : 0), 0.08);

        AdaptedRouter prior = RouterAdapter.Adapt(Domain.Model, [set], new AdaptationOptions { Assess = false, QuantilePriorRows = 1e9 }, Token);
        double moved = (prior.Scale * Domain.Logit(Domain.Model.ForDefaultPair().GetService<ScoreQuantiles>()!.Values[500])) + prior.Offset;
        Assert.Equal(Domain.Sigmoid(moved), prior.Router.GetService<ScoreQuantiles>()!.Values[500], 0.01);
    }

    [Fact]
    public void Repeated_prompts_are_held_out_together()
    {
        // The original is right about how likely wins are; only labels known by heart could do better.
        LabeledPrompt[] distinct = [.. Domain.Rows(30, 5, static (_, logit) => logit).DistinctBy(static row => row.Prompt)];
        AdaptedRouter adapted = Adapt([.. distinct, .. distinct, .. distinct]);
        Assert.NotEqual(AdaptationVerdict.Better, adapted.Report!.Verdict);
        Assert.All(Enumerable.Range(0, distinct.Length), i => Assert.Equal(adapted.HeldOut[i], adapted.HeldOut[i + distinct.Length], 12));
    }

    [Fact]
    public void The_same_rows_and_seed_give_the_same_bytes_with_any_number_of_threads_assessed_or_not()
    {
        LabeledPrompt[] rows = Domain.Rows(80, 1, Domain.NewWords);
        byte[] Bytes(int seed, int threads, bool assess) => RouterAdapter.Adapt(Domain.Model, [new("a", rows)], new AdaptationOptions { Seed = seed, MaxDegreeOfParallelism = threads, Assess = assess }, Token).Artifact.ToArray();
        byte[] bytes = Bytes(0, 1, true);
        Assert.Equal(bytes, Bytes(0, 4, true));
        Assert.Equal(bytes, Bytes(0, 1, false));
        Assert.NotEqual(bytes, Bytes(1, 1, false));
    }

    [Fact]
    public void Rows_that_nothing_can_be_learned_from_are_refused()
    {
        LabeledPrompt[] rows = Domain.Rows(20, 1, static (_, logit) => logit);
        Assert.Contains("0 labelled prompts", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("0 labelled prompts", Refusal(new AdaptationSet("none", [])), StringComparison.Ordinal);
        Assert.Contains("0 labelled prompts", Refusal(new AdaptationSet("old", rows, isReplay: true)), StringComparison.Ordinal);
        Assert.Contains("9 labelled prompts", Refusal(new AdaptationSet("few", rows[..9])), StringComparison.Ordinal);
        Assert.Contains("labels of the new domain are 1", Refusal(new AdaptationSet("one", rows.Select(static row => row with { Label = 1 }))), StringComparison.Ordinal);
        Assert.Contains("of one group", Refusal(new AdaptationSet("group", rows.Select(static row => row with { Group = "g" }))), StringComparison.Ordinal);
        Assert.Contains("both 'big'", Assert.Throws<ArgumentException>(() => RouterAdapter.Adapt(Domain.Model, [new("a", rows)], new AdaptationOptions { WeakModel = "big" }, Token)).Message, StringComparison.Ordinal);

        static string Refusal(params AdaptationSet[] sets) => Assert.Throws<ArgumentException>(() => RouterAdapter.Adapt(Domain.Model, sets, cancellationToken: Token)).Message;
    }

    [Fact]
    public void Options_out_of_range_are_refused_and_cancelling_cancels()
    {
        AdaptationSet[] sets = [new("a", Domain.Rows(20, 1, static (_, logit) => logit))];
        foreach (AdaptationOptions options in new AdaptationOptions[] { new() { Folds = 1 }, new() { FeaturePenalties = [0] }, new() { CalibrationPenalty = double.NaN }, new() { QuantilePriorRows = -1 } })
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => RouterAdapter.Adapt(Domain.Model, sets, options, Token));
        }

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => RouterAdapter.Adapt(Domain.Model, sets, cancellationToken: cancelled.Token));
    }

    private static AdaptedRouter Adapt(LabeledPrompt[] rows, bool assess = true) =>
        RouterAdapter.Adapt(Domain.Model, [new AdaptationSet("rows", rows)], new AdaptationOptions { Assess = assess }, Token);
}
