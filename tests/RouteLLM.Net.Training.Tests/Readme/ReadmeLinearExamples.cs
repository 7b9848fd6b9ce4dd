namespace RouteLLM.Training.Tests.Readme;

/// <summary>README's C# on linear routers, compiled and run. The core's tests check that every block of README stands here or in other examples.</summary>
public class ReadmeLinearExamples
{
    [Fact]
    public async Task A_linear_router_from_labelled_prompts()
    {
        (string Prompt, bool StrongWasBetter)[] log = [.. Enumerable.Range(0, 60).Select(static i => (i % 2 == 0 ? $"Prove lemma {i}." : $"Hello, number {i}!", i % 2 == 0))];
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            LabeledPrompt[] rows = [.. log.Select(row => new LabeledPrompt(row.Prompt, row.StrongWasBetter ? 1 : 0))];
            TrainedLinear trained = LinearTrainer.Train(rows, new LinearTrainingOptions { StrongModel = "gpt-4.1", WeakModel = "gpt-4.1-mini" });
            await File.WriteAllBytesAsync(path, trained.Artifact.ToArray());

            LinearRouter mine = LinearModel.Load(path).ForDefaultPair();            // needs the core package only

            Assert.True(mine.PredictWinProbability("Prove lemma 99.") > mine.PredictWinProbability("Hello, number 99!"));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
