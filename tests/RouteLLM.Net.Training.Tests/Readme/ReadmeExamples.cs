namespace RouteLLM.Training.Tests.Readme;

/// <summary>README's C# that needs the training package, compiled and run. The core's tests check that every block of README stands here or in their own examples.</summary>
public class ReadmeExamples
{
    [Fact]
    public async Task A_matrix_factorisation_from_battles()
    {
        using var embedder = new HashedTextEmbeddingGenerator(64);
        Battle[] battles = [.. Enumerable.Range(0, 60).Select(static i => new Battle("gpt-4.1", "gpt-4.1-mini", i % 2 == 0 ? BattleWinner.ModelA : BattleWinner.Tie, i % 2 == 0 ? $"Prove lemma {i}." : $"Hello, number {i}!"))];
        var progress = new Progress<DenseMatrixFactorizationEpoch>();
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            IReadOnlyList<TrainingPrompt> prompts = TrainingPrompts.FromBattles(battles);
            TrainedDenseMatrixFactorization trained = await DenseMatrixFactorizationTrainer.TrainAsync(
                prompts, embedder, new() { StrongModel = "gpt-4.1", WeakModel = "gpt-4.1-mini" }, progress);

            await File.WriteAllBytesAsync(path, trained.Artifact.ToArray());
            IRouter mine = MatrixFactorizationModel.Load(path).ForDefaultPair(embedder);

            double hard = await mine.PredictWinProbabilityAsync(new RouteRequest("Prove lemma 99.")), easy = await mine.PredictWinProbabilityAsync(new RouteRequest("Hello, number 99!"));
            Assert.True(hard > easy, $"{hard} should be more than {easy}");
        }
        finally
        {
            File.Delete(path);
        }
    }
}
