using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Clusters;

public class ClusteredModelTrainerTests
{
    private static readonly ClusteredModelTrainingOptions s_options = new() { ClusterCount = 5, GlobalPenalty = 0.1, ClusterPenalty = 0.1 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ClusterLabels.BestModel)]
    [InlineData(ClusterLabels.RewardDistribution)]
    public void Planted_clusters_are_recovered_and_beat_the_global_classifier(ClusterLabels labels)
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 5, rowsOfEach: 400);
        TrainedClusteredModel trained = ClusteredModelTrainer.Train(rows, embeddings, new() { ClusterCount = 5, GlobalPenalty = 0.01, ClusterPenalty = 0.01, Labels = labels }, cancellationToken: Cancellation);

        // Rows were dealt to the planted clusters in turn, so each found cluster is one of them.
        int[] found = [.. embeddings.Select(embedding => trained.Model.AssignCluster(embedding.Span))];
        Assert.Equal(5, found.Take(5).Distinct().Count());
        Assert.All(Enumerable.Range(0, found.Length), i => Assert.Equal(found[i % 5], found[i]));
        Assert.Equal([400, 400, 400, 400, 400], trained.Model.ClusterRows);
        Assert.Equal(6, trained.Model.ClassifierCount);

        ClusteredModelQuality quality = trained.HeldOut;
        Assert.InRange(quality.Clustered.Accuracy, 0.99, 1);
        Assert.InRange(quality.Clustered.Quality, 0.89, 0.9001);
        Assert.InRange(quality.Global.Accuracy, 0, 0.75);
        Assert.InRange(quality.BestSingle.Quality, 0.4, 0.65);
        Assert.Equal(0.9, quality.Best.Quality, 10);
        Assert.Equal(0.4, quality.Random.Quality, 10);
        Assert.Empty(trained.Warnings);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(7)]
    public void The_silhouette_picks_the_planted_number_of_clusters(int planted)
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(planted, rowsOfEach: 60);
        TrainedClusteredModel trained = ClusteredModelTrainer.Train(rows, embeddings, new() { ClusterCount = null, SilhouetteSample = 200, MaxClusterCount = 10 }, cancellationToken: Cancellation);
        Assert.Equal(planted, trained.Model.ClusterCount);
        Assert.Equal(Enumerable.Range(4, 7), trained.Silhouettes.Keys);
        Assert.Equal(planted, trained.Silhouettes.MaxBy(static pair => pair.Value).Key);
    }

    [Fact]
    public void The_silhouette_is_what_is_worked_out_by_hand()
    {
        // On a line at 0, 2 and 10, 11: (10.5 - 2) / 10.5, (8.5 - 2) / 8.5, (9 - 1) / 9, (10 - 1) / 10. And one alone in its cluster counts 0.
        var silhouette = new Silhouette([.. new float[] { 0, 2, 10, 11 }.Select(static x => (ReadOnlyMemory<float>)new[] { x })], new ParallelOptions());
        Assert.Equal(((8.5 / 10.5) + (6.5 / 8.5) + (8.0 / 9) + 0.9) / 4, silhouette.Mean([0, 0, 1, 1], 2), 6);
        Assert.Equal(((1 - (2 / 10.0)) + (1 - (2 / 8.0)) + 0 + 0) / 4, silhouette.Mean([0, 0, 1, 2], 3), 6);
    }

    [Fact]
    public void Equal_scores_are_the_cheapest_models_by_stated_order_or_by_costs()
    {
        EvaluationRow[] rows = [.. Enumerable.Range(0, 60).Select(static i => i % 2 == 0 ? PlantedClusters.Row(i, 0.8, 0.8, 0.8) : PlantedClusters.Row(i, 0.1, 0.5, 0.5))];
        ReadOnlyMemory<float>[] embeddings = [.. Enumerable.Range(0, 60).Select(static i => (ReadOnlyMemory<float>)new float[] { i % 2, i })];
        ClusteredModelTrainingOptions byOrder = new() { Labels = ClusterLabels.BestModel, PriceOrder = ["c", "a", "b", "unused"] };
        Assert.All(new ClusteredProblem([.. rows, PlantedClusters.Row(60, 1, 0, 0)], [.. embeddings, embeddings[0]], byOrder).Best.SkipLast(1), static best => Assert.Equal(2, best));

        // Mean costs are b .1, c .2, a .3; a was cheap once.
        EvaluationRow[] priced = [.. rows.Select(static (row, i) => row with { Costs = new Dictionary<string, double> { ["a"] = i == 0 ? 0 : 0.305, ["b"] = 0.1, ["c"] = 0.2 } })];
        Assert.Equal(Enumerable.Repeat(1, 60), new ClusteredProblem([.. priced, PlantedClusters.Row(60, 1, 0, 0)], [.. embeddings, embeddings[0]], new() { Labels = ClusterLabels.BestModel }).Best.SkipLast(1));

        Assert.Contains("PriceOrder", Refused(rows, embeddings, new() { Labels = ClusterLabels.BestModel }));
        Assert.Contains("lacks b", Refused(rows, embeddings, new() { PriceOrder = ["a", "c"] }));
    }

    [Fact]
    public void Sparse_clusters_and_those_with_few_best_models_fall_back_to_the_global_classifier()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 5, rowsOfEach: 80);

        // The last cluster is cut to a quarter of its rows.
        int[] kept = [.. Enumerable.Range(0, rows.Length).Where(static i => i % 5 < 4 || i < 100)];
        (rows, embeddings) = ([.. kept.Select(i => rows[i])], [.. kept.Select(i => embeddings[i])]);
        TrainedClusteredModel trained = Train(new() { ClusterCount = 5, MinimumClusterRows = 50 });
        int sparse = trained.Model.AssignCluster(embeddings[4].Span);
        Assert.Equal(20, trained.Model.ClusterRows[sparse]);
        Assert.All(Enumerable.Range(0, 5), cluster => Assert.Equal(cluster != sparse, trained.Model.HasOwnClassifier(cluster)));
        Assert.Contains(trained.Warnings, warning => warning.StartsWith("1 of 5 clusters", StringComparison.Ordinal) && warning.EndsWith($": {sparse}.", StringComparison.Ordinal));

        // Only a and b are ever the best: two of three models.
        Assert.Equal(1, Train(new() { ClusterCount = 5, MinimumClusterRows = 50, MinimumClassCoverage = 0.7 }).Model.ClassifierCount);

        TrainedClusteredModel Train(ClusteredModelTrainingOptions options) => ClusteredModelTrainer.Train(rows, embeddings, options, cancellationToken: Cancellation);
    }

    [Theory]
    [InlineData(3, 700, "fewer than 4")]
    [InlineData(21, 100, "more than 20")]
    [InlineData(4, 100, "fewer than 2000")]
    public void Unusual_numbers_of_clusters_and_few_rows_are_warned_of(int clusters, int rowsOfEach, string warning)
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters, rowsOfEach);
        var progress = new Reports();
        TrainedClusteredModel trained = ClusteredModelTrainer.Train(rows, embeddings, new() { ClusterCount = clusters, Folds = 2, MaxIterations = 20, MinimumClusterRows = 50 }, progress, Cancellation);
        Assert.Contains(trained.Warnings, text => text.Contains(warning, StringComparison.Ordinal));
        Assert.Equal(trained.Warnings, progress.Of.Select(static report => report.Warning).OfType<string>());
        Assert.Equal([1, 2, 3], progress.Of.Where(static report => report.Warning is null).Select(static report => report.Done).Order());
    }

    [Fact]
    public void The_same_seed_gives_the_same_bytes_with_any_number_of_threads()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 6, rowsOfEach: 60, spread: 0.4);
        byte[] one = Train(1, 0);
        Assert.Equal(one, Train(4, 0));
        Assert.NotEqual(one, Train(4, 1));

        byte[] Train(int threads, int seed) => ClusteredModelTrainer.Train(
            rows, embeddings, new() { ClusterCount = null, MinimumClusterRows = 20, StrongModel = "a", WeakModel = "b", MaxDegreeOfParallelism = threads, Seed = seed }, cancellationToken: Cancellation).Artifact.ToArray();
    }

    [Fact]
    public async Task The_default_pair_is_calibrated_on_held_out_rows_and_the_embedder_is_named()
    {
        EvaluationRow[] rows = [.. Enumerable.Range(0, 600).Select(static i => PlantedClusters.Row(i, i % 4 == 0 ? 0.9 : 0.5, i % 5 == 0 ? 0.6 : 0.5, 0.5) with { Prompt = i % 4 == 0 ? $"prove theorem number {i}" : $"hello there friend {i}" })];
        using var embedder = new HashedTextEmbeddingGenerator(64);
        TrainedClusteredModel trained = await ClusteredModelTrainer.TrainAsync(rows, embedder, new() { ClusterCount = 4, StrongModel = "a", WeakModel = "b", GlobalPenalty = 1 }, cancellationToken: Cancellation);
        ClusteredRouter router = trained.Model.ForDefaultPair(embedder);
        Assert.InRange(await router.PredictWinProbabilityAsync("prove theorem number 1000", Cancellation), 0.9, 1);
        Assert.InRange(await router.PredictWinProbabilityAsync("hello there friend 1000", Cancellation), 0, 0.1);
        double[] predicted = [.. await router.PredictWinProbabilitiesAsync(rows.Select(static row => row.Prompt), Cancellation)];
        Assert.Equal(0.25, predicted.Average(), 0.02);
        double threshold = router.GetService<ScoreQuantiles>()!.ThresholdForStrongShare(0.25);
        Assert.Equal(0.25, predicted.Average(p => p >= threshold ? 1.0 : 0), 0.05);
        Assert.Equal($"{HashedTextEmbeddingGenerator.ModelId}/64", trained.Model.Info.Embedder);
        Assert.Equal("600", ClusteredModel.Load(SafetensorsFile.Parse(trained.Artifact)).Info.Metadata["training.rows"]);
    }

    [Fact]
    public void Rows_without_a_models_score_are_left_out_with_a_warning()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 4, rowsOfEach: 60);
        rows[7] = rows[7] with { Scores = new Dictionary<string, double> { ["a"] = 1 } };
        TrainedClusteredModel trained = ClusteredModelTrainer.Train(rows, embeddings, new() { ClusterCount = 4 }, cancellationToken: Cancellation);
        Assert.Contains(trained.Warnings, static warning => warning.StartsWith("1 rows lack", StringComparison.Ordinal));
        Assert.Equal(239, trained.Model.ClusterRows.Sum());
    }

    [Fact]
    public void What_nothing_can_be_learned_from_is_refused_with_the_reason()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 5, rowsOfEach: 20);
        Assert.Contains("3 different embeddings, too few for 5 clusters", Refused(rows[..3], embeddings[..3], s_options));
        Assert.Contains("1 different embeddings", Refused(rows, [.. embeddings.Select(_ => embeddings[0])], s_options));
        Assert.Contains("too few to choose", Refused(rows, [.. embeddings.Select(_ => embeddings[0])], new() { ClusterCount = null }));
        Assert.Contains("'b' is the best model in every row", Refused([.. rows.Select(static (_, i) => PlantedClusters.Row(i, 0.1, 0.9, 0.3))], embeddings, s_options));
        Assert.Contains("('row-4') has the score NaN of 'b'", Refused([.. rows.Select(static (row, i) => i == 4 ? PlantedClusters.Row(4, 0.1, double.NaN, 0.3) : row)], embeddings, s_options));
        Assert.Contains("at least 3", Refused([.. rows.Select(static row => row with { Scores = row.Scores.Take(2).ToDictionary() })], embeddings, s_options));
        Assert.Contains("No row has scores of all", Refused([.. rows.Select(static (row, i) => row with { Scores = row.Scores.Where((_, m) => m != i % 3).ToDictionary() })], embeddings, s_options));
        Assert.Contains("at least 3", Refused([], [], s_options));
        Assert.Contains("same prompt", Refused([.. rows.Select(static row => row with { Prompt = "hi" })], embeddings, s_options));
        Assert.Contains("99 embeddings for 100 rows", Refused(rows, embeddings[1..], s_options));
        Assert.Contains("row 6", Refused(rows, [.. embeddings.Select(static (embedding, i) => i == 6 ? new float[] { 1, 2 } : embedding)], s_options));
        Assert.Contains("row 8", Refused(rows, [.. embeddings.Select(static (embedding, i) => i == 8 ? new float[] { 1, 2, 3, 4, 5, float.NaN } : embedding)], s_options));
        Assert.Contains("'x'", Refused(rows, embeddings, new() { StrongModel = "x", WeakModel = "a" }));
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 4, rowsOfEach: 20);
        ClusteredModelTrainingOptions[] wrong =
        [
            new() { ClusterCount = 1 }, new() { MinClusterCount = 1 }, new() { MinClusterCount = 9, MaxClusterCount = 8 }, new() { SilhouetteSample = 20 }, new() { Folds = 1 }, new() { MinimumClusterRows = 0 },
            new() { MinimumClassCoverage = 1.1 }, new() { GlobalPenalty = 0 }, new() { ClusterPenalty = double.NaN }, new() { RewardTemperature = 0 }, new() { Labels = (ClusterLabels)7 }, new() { MaxDegreeOfParallelism = 0 },
            new() { StrongModel = "a" }, new() { StrongModel = "a", WeakModel = "a" }, new() { Name = " " },
        ];
        Assert.All(wrong, options => Refused(rows, embeddings, options));
    }

    [Fact]
    public async Task Cancellation_is_honoured()
    {
        (EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings) = PlantedClusters.Create(clusters: 4, rowsOfEach: 100);
        Assert.ThrowsAny<OperationCanceledException>(() => ClusteredModelTrainer.Train(rows, embeddings, cancellationToken: new CancellationToken(canceled: true)));
        using var source = new CancellationTokenSource();
        var progress = new Reports { OnReport = source.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.Run(() => ClusteredModelTrainer.Train(rows, embeddings, new() { ClusterCount = null }, progress, source.Token), Cancellation));
    }

    private static string Refused(EvaluationRow[] rows, ReadOnlyMemory<float>[] embeddings, ClusteredModelTrainingOptions options) =>
        Assert.ThrowsAny<ArgumentException>(() => ClusteredModelTrainer.Train(rows, embeddings, options, cancellationToken: Cancellation)).Message;

    private sealed class Reports : IProgress<ClusteredTrainingProgress>
    {
        private readonly List<ClusteredTrainingProgress> _reports = [];

        public Action? OnReport { get; init; }

        public IReadOnlyList<ClusteredTrainingProgress> Of => _reports;

        public void Report(ClusteredTrainingProgress value)
        {
            lock (_reports)
            {
                _reports.Add(value);
            }

            OnReport?.Invoke();
        }
    }
}
