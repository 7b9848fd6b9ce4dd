using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

public class DenseTrainingInputTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Embeddings_that_are_not_finite_or_do_not_fit_are_refused_with_their_place()
    {
        var planted = new PlantedBattles(30, dimensions: 4);
        Refused("which is no whole number", () => Train(planted.Prompts, planted.Embeddings.AsMemory(1)));
        Refused("0 numbers for 30 prompts", () => Train(planted.Prompts, default));
        Refused("no prompts", () => Train([], planted.Embeddings));

        planted.Embeddings[(17 * 4) + 2] = float.NaN;
        Refused("prompt 17 has NaN as component 2", () => Train(planted.Prompts, planted.Embeddings));
        planted.Embeddings[(17 * 4) + 2] = float.NegativeInfinity;
        Refused(string.Create(System.Globalization.CultureInfo.CurrentCulture, $"prompt 17 has {float.NegativeInfinity} as component 2"), () => Train(planted.Prompts, planted.Embeddings));
    }

    [Fact]
    public void Outcomes_that_nothing_can_be_learned_from_are_refused_with_the_reason()
    {
        var planted = new PlantedBattles(30, dimensions: 4);
        void All(string expected, PairOutcome[] outcomes, TieHandling ties = TieHandling.Margin) =>
            Refused(expected, () => Train([.. planted.Prompts.Select(prompt => prompt with { Outcomes = outcomes })], planted.Embeddings, ties));

        All("the same outcome on all their prompts", [new("model0", "model1", 1, 0)]);
        All("the same outcome on all their prompts", [new("model0", "model1", 0.3, null), new("model0", "model2", 0.2, 0.2)]);
        All("No prompt has an outcome that is left", []);
        All("No prompt has an outcome that is left", [new("model0", "model1", 1, 0, Weight: 0)]);
        All("left after ties are handled (Drop)", [new("model0", "model1", 0, 0)], TieHandling.Drop);
        All("No outcome is of 'model1'", [new("model0", "model2", 1, 0), new("model0", "model2", 0, 1)]);
        All("Use TieHandling.Margin", [new("model0", "model1", 0.5, null)], TieHandling.HalfWin);
        All("Prompt 0 has the outcome", [new("model0", "model1", 1.5, 0)]);
        All("Prompt 0 has the outcome", [new("model0", "model1", 0.6, 0.6)]);
        All("Prompt 0 has the outcome", [new("model0", "model1", double.NaN, null)]);
        All("Prompt 0 has the outcome", [new("model0", "model1", 1, 0, double.NaN)]);
        All("two different models", [new("model0", "model0", 1, 0)]);
        Refused("HeldOutFraction", () => Train([.. planted.Prompts.Select(static prompt => prompt with { Group = "one" })], planted.Embeddings));
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        var planted = new PlantedBattles(30, dimensions: 4);
        DenseMatrixFactorizationTrainingOptions[] wrong =
        [
            new() { StrongModel = "model0", WeakModel = "model1", Dimensions = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", BatchSize = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", MaxEpochs = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", Patience = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", EmbeddingBatchSize = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", MaxDegreeOfParallelism = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", LearningRate = 0 },
            new() { StrongModel = "model0", WeakModel = "model1", LearningRate = double.NaN },
            new() { StrongModel = "model0", WeakModel = "model1", WeightDecay = -1 },
            new() { StrongModel = "model0", WeakModel = "model1", Noise = double.NaN },
            new() { StrongModel = "model0", WeakModel = "model1", HeldOutFraction = 1 },
            new() { StrongModel = "model0", WeakModel = "model1", Ties = (TieHandling)7 },
        ];
        Assert.All(wrong, options => Assert.Throws<ArgumentOutOfRangeException>(() => DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, options, cancellationToken: Cancellation)));
        Refused("a pair is two models", () => DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, new() { StrongModel = "model0", WeakModel = "model0" }, cancellationToken: Cancellation));
    }

    [Fact]
    public void A_step_size_that_is_too_large_is_told_of()
    {
        var planted = new PlantedBattles(100, dimensions: 4);
        var options = new DenseMatrixFactorizationTrainingOptions { StrongModel = "model0", WeakModel = "model1", LearningRate = 1e30 };
        Assert.Contains("LearningRate", Assert.Throws<InvalidOperationException>(() => DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, options, cancellationToken: Cancellation)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_text_is_embedded_once_in_batches()
    {
        var calls = new List<string[]>();
        using var generator = new CallbackGenerator(texts =>
        {
            calls.Add(texts);
            return texts.Select(static text => new float[] { text.Length, 1, 0 });
        });
        TrainingPrompt[] prompts = [.. Enumerable.Range(0, 50).Select(static i => new TrainingPrompt(new string('x', 1 + (i % 25)), [new("model0", "model1", i % 2, null)], Group: $"{i}"))];
        TrainedDenseMatrixFactorization trained = await DenseMatrixFactorizationTrainer.TrainAsync(prompts, generator, new() { StrongModel = "model0", WeakModel = "model1", EmbeddingBatchSize = 10, MaxEpochs = 1, Embedder = "lengths/3" }, cancellationToken: Cancellation);

        Assert.Equal([10, 10, 5], calls.Select(static call => call.Length));
        Assert.Equal(25, calls.SelectMany(static call => call).Distinct().Count());
        Assert.Equal("lengths/3", trained.Model.Info.Embedder);
        Assert.Equal(3, trained.Model.EmbeddingDimensions);
    }

    [Fact]
    public async Task Empty_prompts_and_vectors_that_do_not_fit_are_refused_with_the_prompt()
    {
        TrainingPrompt[] prompts = [.. Enumerable.Range(0, 30).Select(static i => new TrainingPrompt($"prompt {i}", [new("model0", "model1", i % 2, null)]))];
        await RefusedAsync<ArgumentException>("Prompt 3 is empty", [.. prompts[..3], new TrainingPrompt(" \n", [])], static texts => texts.Select(static _ => new float[4]));
        await RefusedAsync<ArgumentException>("no prompts", [], static texts => texts.Select(static _ => new float[4]));
        await RefusedAsync<ArgumentException>("\"prompt 5\" has 3 dimensions and that of the first 4", prompts, static texts => texts.Select(static text => new float[text == "prompt 5" ? 3 : 4]));
        await RefusedAsync<ArgumentException>("prompt 6 has NaN", prompts, static texts => texts.Select(static text => new[] { 1, text == "prompt 6" ? float.NaN : 0 }));
        await RefusedAsync<ArgumentException>("at least 1", prompts, static texts => texts.Select(static _ => Array.Empty<float>()));
        await RefusedAsync<InvalidOperationException>("29 vectors for 30 prompts", prompts, static texts => texts.Skip(1).Select(static _ => new float[4]));
    }

    [Fact]
    public void Battles_become_prompts_in_order()
    {
        IReadOnlyList<TrainingPrompt> prompts = TrainingPrompts.FromBattles([new Battle("a", "b", BattleWinner.ModelB, "one"), new Battle("a", "b", BattleWinner.Tie)]);

        Assert.Equal(["one", ""], prompts.Select(static prompt => prompt.Prompt));
        Assert.Equal([new PairOutcome("a", "b", 0, 1), new PairOutcome("a", "b", 0, 0)], prompts.SelectMany(static prompt => prompt.Outcomes));
        Refused("Battle 1", () => TrainingPrompts.FromBattles([new Battle("a", "b", BattleWinner.Tie), new Battle("a", "a", BattleWinner.Tie)]));
    }

    [Fact]
    public void Differences_of_scores_and_ratings_become_soft_labels()
    {
        EvaluationRow Row(string id, Dictionary<string, double> scores, double? rating = null) => new() { Id = id, Source = "s", Split = "train", Prompt = id, Scores = scores, StrongProbability = rating };
        IReadOnlyList<TrainingPrompt> prompts = TrainingPrompts.FromRows(
            [Row("three", new() { ["c"] = 0.5, ["a"] = 0.25, ["b"] = 1 }), Row("rated", [], 0.7), Row("one", new() { ["a"] = 1 }), Row("nothing", [])], "big", "small");

        Assert.Equal(["three", "rated"], prompts.Select(static prompt => prompt.Prompt));
        Assert.Equal([new("a", "b", 0, 0.75, 1.0 / 3), new("a", "c", 0, 0.25, 1.0 / 3), new PairOutcome("b", "c", 0.5, 0, 1.0 / 3)], prompts[0].Outcomes);
        Assert.Equal([new PairOutcome("big", "small", 0.7, null)], prompts[1].Outcomes);
        Refused("Row 'bad' has the score or rating NaN", () => TrainingPrompts.FromRows([Row("bad", new() { ["a"] = double.NaN, ["b"] = 1 })], "big", "small"));
        Refused("Row 'bad' has the score or rating 8", () => TrainingPrompts.FromRows([Row("bad", new() { ["a"] = 8, ["b"] = 1 })], "big", "small"));
    }

    [Fact]
    public void Labels_keep_weight_and_group()
    {
        TrainingPrompt prompt = Assert.Single(TrainingPrompts.FromLabels([new LabeledPrompt("text", 0.4, 2, "group")], "big", "small"));

        Assert.Equal(("text", "group"), (prompt.Prompt, prompt.Group));
        Assert.Equal([new PairOutcome("big", "small", 0.4, null, 2)], prompt.Outcomes);
    }

    private static void Refused(string expected, Action action) => Assert.Contains(expected, Assert.ThrowsAny<ArgumentException>(action).Message, StringComparison.Ordinal);

    private static async Task RefusedAsync<TException>(string expected, TrainingPrompt[] prompts, Func<string[], IEnumerable<float[]>> embed)
        where TException : Exception
    {
        using var generator = new CallbackGenerator(embed);
        TException exception = await Assert.ThrowsAnyAsync<TException>(() => DenseMatrixFactorizationTrainer.TrainAsync(prompts, generator, new() { StrongModel = "model0", WeakModel = "model1" }, cancellationToken: Cancellation));
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    private static TrainedDenseMatrixFactorization Train(IReadOnlyList<TrainingPrompt> prompts, ReadOnlyMemory<float> embeddings, TieHandling ties = TieHandling.Margin) =>
        DenseMatrixFactorizationTrainer.Train(prompts, embeddings, PlantedBattles.Options(maxEpochs: 1, ties: ties), cancellationToken: Cancellation);

    private sealed class CallbackGenerator(Func<string[], IEnumerable<float[]>> embed) : IEmbeddingGenerator<string, Embedding<float>>
    {
        public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new GeneratedEmbeddings<Embedding<float>>(embed([.. values]).Select(static vector => new Embedding<float>(vector))));

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
