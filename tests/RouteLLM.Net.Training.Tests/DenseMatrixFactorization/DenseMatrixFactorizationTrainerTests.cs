using System.Numerics.Tensors;
using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

public class DenseMatrixFactorizationTrainerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Planted_strengths_of_two_models_are_recovered_on_prompts_that_were_not_seen()
    {
        var planted = new PlantedBattles(4000);
        TrainedDenseMatrixFactorization trained = Train(planted, PlantedBattles.Options());

        int[] heldOut = [.. Enumerable.Range(0, 4000).Where(i => !double.IsNaN(trained.HeldOut[i]))];
        double[] actual = [.. heldOut.Select(i => planted.Win(i, 0, 1))];
        double[] predicted = [.. heldOut.Select(i => trained.HeldOut[i])];
        Assert.Equal(400, heldOut.Length);
        Assert.InRange(RankCorrelation.Spearman(predicted, actual), 0.9, 1);
        Assert.InRange(heldOut.Select((_, i) => Math.Abs(predicted[i] - actual[i])).Average(), 0, 0.06);
        Assert.True(trained.Epochs[trained.BestEpoch - 1].HeldOutApgr > 0.7);
        Assert.Equal(0, trained.Model.Info.TieMargin);
    }

    [Fact]
    public void Every_pair_of_many_models_is_recovered_and_so_is_the_margin_of_ties()
    {
        var planted = new PlantedBattles(12_000, models: 5, margin: 0.8);
        TrainedDenseMatrixFactorization trained = Train(planted, PlantedBattles.Options());

        for (int first = 0; first < 5; first++)
        {
            for (int second = first + 1; second < 5; second++)
            {
                MatrixFactorizationPair pair = trained.Model.ForPair(PlantedBattles.Name(first), PlantedBattles.Name(second));
                double[] predicted = [.. Enumerable.Range(0, 2000).Select(i => pair.PredictWinProbability(planted.Embedding(i)))];
                double[] actual = [.. Enumerable.Range(0, 2000).Select(i => planted.Win(i, first, second))];
                Assert.InRange(RankCorrelation.Spearman(predicted, actual), 0.9, 1);
                Assert.Equal(actual.Average(), predicted.Average(), 0.05);
            }
        }

        Assert.Equal(0.8, trained.Model.Info.TieMargin, 0.1);
    }

    [Fact]
    public void Ties_are_no_wins_or_half_wins_or_left_out_as_is_asked()
    {
        // The prompt says nothing, so that the probability is the share of what counts as a win.
        TrainingPrompt[] prompts = [.. Enumerable.Range(0, 1000).Select(static i => new TrainingPrompt($"{i}", [i % 10 < 4 ? new("model0", "model1", 1, 0) : i % 10 < 6 ? new("model1", "model0", 1, 0) : new("model1", "model0", 0, 0)]))];
        var embeddings = new float[3000];
        Array.Fill(embeddings, 0.1f);

        Assert.Equal(0.4, Probability(TieHandling.Margin), 0.03);
        Assert.Equal(0.6, Probability(TieHandling.HalfWin), 0.03);
        Assert.Equal(0.667, Probability(TieHandling.Drop), 0.03);

        double Probability(TieHandling ties) =>
            DenseMatrixFactorizationTrainer.Train(prompts, embeddings, PlantedBattles.Options(ties: ties, maxEpochs: 5, heldOut: 0), cancellationToken: Cancellation).Model.ForPair("model0", "model1").PredictWinProbability([0.1f, 0.1f, 0.1f]);
    }

    [Fact]
    public void Soft_labels_are_learned_as_well_as_outcomes_drawn_from_them()
    {
        var planted = new PlantedBattles(2000);
        TrainingPrompt[] soft = [.. planted.Prompts.Select((prompt, i) => prompt with { Outcomes = [new("model0", "model1", planted.Win(i, 0, 1), null)] })];
        double[] actual = [.. Enumerable.Range(0, 2000).Select(i => planted.Win(i, 0, 1))];
        TrainedDenseMatrixFactorization trained = DenseMatrixFactorizationTrainer.Train(soft, planted.Embeddings, PlantedBattles.Options(), cancellationToken: Cancellation);
        MatrixFactorizationPair pair = trained.Model.ForPair("model0", "model1");

        Assert.InRange(RankCorrelation.Spearman([.. Enumerable.Range(0, 2000).Select(i => pair.PredictWinProbability(planted.Embedding(i)))], actual), 0.98, 1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads()
    {
        var planted = new PlantedBattles(1003, models: 3, margin: 0.5, dimensions: 37);
        byte[] one = Train(planted, PlantedBattles.Options(threads: 1, maxEpochs: 3)).Artifact.ToArray();

        Assert.Equal(one, Train(planted, PlantedBattles.Options(threads: 1, maxEpochs: 3)).Artifact.ToArray());
        Assert.Equal(one, Train(planted, PlantedBattles.Options(threads: 4, maxEpochs: 3)).Artifact.ToArray());
        Assert.NotEqual(one, Train(planted, PlantedBattles.Options(seed: 1, threads: 4, maxEpochs: 3)).Artifact.ToArray());
    }

    [Fact]
    public void Training_stops_when_the_loss_held_out_no_longer_falls_and_keeps_the_best_weights()
    {
        // Outcomes that are chance: whatever is learned is learned by heart.
        var planted = new PlantedBattles(400, scale: 0);
        var reported = new List<DenseMatrixFactorizationEpoch>();
        TrainedDenseMatrixFactorization trained = DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, PlantedBattles.Options(noise: 0, maxEpochs: 1000), new Reporter(reported.Add), Cancellation);

        Assert.Equal(trained.BestEpoch + 10, trained.Epochs.Count);
        Assert.Equal(trained.Epochs, reported);
        Assert.Equal(trained.Epochs.Min(static epoch => epoch.HeldOutLoss), trained.Epochs[trained.BestEpoch - 1].HeldOutLoss);
        Assert.Equal(trained.BestEpoch, trained.Epochs.Last(static epoch => epoch.IsBest).Epoch);
        TrainedDenseMatrixFactorization upToThen = Train(planted, PlantedBattles.Options(noise: 0, maxEpochs: trained.BestEpoch));
        Assert.Equal(upToThen.Artifact.ToArray(), trained.Artifact.ToArray());
    }

    [Fact]
    public void With_nothing_held_out_all_epochs_run_on_all_prompts()
    {
        var planted = new PlantedBattles(200);
        TrainedDenseMatrixFactorization trained = Train(planted, PlantedBattles.Options(maxEpochs: 15, heldOut: 0));

        Assert.Equal((15, 15), (trained.Epochs.Count, trained.BestEpoch));
        Assert.All(trained.Epochs, static epoch => Assert.Null(epoch.HeldOutLoss));
        Assert.All(trained.HeldOut, static p => Assert.True(double.IsNaN(p)));
        Assert.Equal("200", trained.Model.Info.Metadata["training.prompts"]);
        Assert.NotNull(trained.Model.Info.Quantiles);
    }

    [Fact]
    public void Rows_of_a_prompt_or_a_group_or_an_embedding_are_held_out_together()
    {
        var planted = new PlantedBattles(60);
        float[] embeddings = [.. planted.Embeddings, .. planted.Embeddings];
        Func<TrainingPrompt, int, TrainingPrompt>[] copies =
        [
            static (prompt, _) => prompt,
            static (prompt, i) => prompt with { Prompt = $"{prompt.Prompt} at {i}", Group = prompt.Prompt },
            static (prompt, _) => prompt with { Prompt = "" },
        ];
        Assert.All(copies, copy =>
        {
            TrainingPrompt[] prompts = [.. planted.Prompts.Concat(planted.Prompts).Select(copy)];
            IReadOnlyList<double> heldOut = DenseMatrixFactorizationTrainer.Train(prompts, embeddings, PlantedBattles.Options(maxEpochs: 1), cancellationToken: Cancellation).HeldOut;
            Assert.Equal(6, heldOut.Take(60).Count(static p => !double.IsNaN(p)));
            Assert.Equal(heldOut.Take(60), heldOut.Skip(60));
        });
    }

    [Fact]
    public void The_only_battle_of_a_model_is_trained_on_whatever_the_seed()
    {
        var planted = new PlantedBattles(20);
        planted.Prompts[7] = planted.Prompts[7] with { Outcomes = [new("rare", "model1", 1, 0)] };
        Assert.All(Enumerable.Range(0, 20), seed => Assert.True(double.IsNaN(Train(planted, PlantedBattles.Options(seed, maxEpochs: 1, heldOut: 0.6)).HeldOut[7])));
    }

    [Fact]
    public void Noise_and_weight_decay_hold_the_weights_down()
    {
        var planted = new PlantedBattles(300);
        DenseMatrixFactorizationTrainingOptions With(double noise, double decay) => new()
        {
            StrongModel = "model0", WeakModel = "model1", Dimensions = 8, LearningRate = 0.01, Noise = noise, WeightDecay = decay, MaxEpochs = 40, HeldOutFraction = 0,
        };
        double Length(double noise, double decay) => TensorPrimitives.Norm(Train(planted, With(noise, decay)).Model.ForPair("model0", "model1").Weights);

        double free = Length(0, 0);
        Assert.InRange(Length(0.3, 0), 0, free * 0.7);
        Assert.InRange(Length(0, 0.03), 0, free * 0.7);
    }

    [Fact]
    public void Probabilities_held_out_are_calibrated()
    {
        var planted = new PlantedBattles(8000, margin: 0.4);
        TrainedDenseMatrixFactorization trained = Train(planted, PlantedBattles.Options(heldOut: 0.5));
        int[] heldOut = [.. Enumerable.Range(0, 8000).Where(i => !double.IsNaN(trained.HeldOut[i]))];
        double[] won = [.. heldOut.Select(i => planted.Prompts[i].Outcomes[0] is { First: "model0", FirstWins: 1 } or { Second: "model0", SecondWins: 1 } ? 1.0 : 0)];

        Assert.InRange(CalibrationError.Expected([.. heldOut.Select(i => trained.HeldOut[i])], won), 0, 0.04);
    }

    [Fact]
    public void Quantiles_are_those_of_the_scores_held_out_and_of_traffic_where_it_is_told_apart()
    {
        var planted = new PlantedBattles(1000);
        TrainingPrompt[] prompts = [.. planted.Prompts.Select((prompt, i) => prompt with { IsTraffic = i % 2 == 0 })];
        TrainedDenseMatrixFactorization trained = DenseMatrixFactorizationTrainer.Train(prompts, planted.Embeddings, PlantedBattles.Options(maxEpochs: 10, heldOut: 0.4), cancellationToken: Cancellation);
        double[] traffic = [.. trained.HeldOut.Where((p, i) => i % 2 == 0 && !double.IsNaN(p))];

        ScoreQuantiles quantiles = trained.Model.Info.Quantiles!;
        Assert.Equal(traffic.Min(), quantiles.Values[0], 6);
        Assert.Equal(0.3, traffic.Average(p => p >= quantiles.ThresholdForStrongShare(0.3) ? 1.0 : 0), 0.01);
    }

    [Fact]
    public void A_cancelled_training_ends_at_once()
    {
        var planted = new PlantedBattles(300);
        using var source = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        int epochs = 0;
        var progress = new Reporter(_ =>
        {
            if (++epochs == 2)
            {
                source.Cancel();
            }
        });

        Assert.ThrowsAny<OperationCanceledException>(() => DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, PlantedBattles.Options(), progress, source.Token));
        Assert.Equal(2, epochs);
    }

    [Fact]
    public async Task Trained_on_texts_the_artifact_is_loaded_and_routes_chat()
    {
        string[] hard = ["Prove the lemma about compact sets", "Prove that this integral converges", "Derive a rigorous bound for the theorem"], easy = ["hello there", "thanks a lot", "what is your name"];
        List<Battle> battles = [];
        for (int i = 0; i < 300; i++)
        {
            battles.Add(new Battle("big", "small", i % 5 == 0 ? BattleWinner.Tie : BattleWinner.ModelA, $"{hard[i % 3]}, case {i}"));
            battles.Add(new Battle("small", "big", i % 3 == 0 ? BattleWinner.ModelA : BattleWinner.Tie, $"{easy[i % 3]}, friend {i}"));
        }

        using var embedder = new HashedTextEmbeddingGenerator(256);
        TrainedDenseMatrixFactorization trained = await DenseMatrixFactorizationTrainer.TrainAsync(
            TrainingPrompts.FromBattles(battles), embedder, new() { StrongModel = "big", WeakModel = "small", Name = "mine", Dimensions = 16, LearningRate = 0.003, Metadata = new Dictionary<string, string> { ["licence"] = "MIT" } }, cancellationToken: Cancellation);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            await File.WriteAllBytesAsync(path, trained.Artifact.ToArray(), Cancellation);
            MatrixFactorizationModel model = MatrixFactorizationModel.Load(path);
            Assert.Equal(trained.Model.Fingerprint, model.Fingerprint);
            Assert.Equal(("mine", "MIT", $"{HashedTextEmbeddingGenerator.ModelId}/256"), (model.Info.Name, model.Info.Metadata["licence"], model.Info.Embedder));
            using var other = new HashedTextEmbeddingGenerator(128);
            Assert.Throws<ArgumentException>(() => model.ForDefaultPair(other));

            using var client = new RoutedChatClient(new NamedChatClient("big"), new NamedChatClient("small"), model.ForDefaultPair(embedder), new TwoModelRoutingOptions { StrongShare = 0.5 });
            Assert.Equal("big", (await client.GetResponseAsync("Prove the theorem about convergent integrals", cancellationToken: Cancellation)).Text);
            Assert.Equal("small", (await client.GetResponseAsync("thanks, friend", cancellationToken: Cancellation)).Text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static TrainedDenseMatrixFactorization Train(PlantedBattles planted, DenseMatrixFactorizationTrainingOptions options) =>
        DenseMatrixFactorizationTrainer.Train(planted.Prompts, planted.Embeddings, options, cancellationToken: Cancellation);

    private sealed class Reporter(Action<DenseMatrixFactorizationEpoch> report) : IProgress<DenseMatrixFactorizationEpoch>
    {
        public void Report(DenseMatrixFactorizationEpoch value) => report(value);
    }

    private sealed class NamedChatClient(string name) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, name)));

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            foreach (ChatResponseUpdate update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            {
                yield return update;
            }
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
