namespace RouteLLM.Training.Tests.Readme;

/// <summary>README's C# on adapting routers, compiled and run. The core's tests check that every block of README stands here or in other examples.</summary>
public class ReadmeAdaptationExamples
{
    [Fact]
    public async Task An_adapted_router_from_labelled_prompts()
    {
        LabeledPrompt[] rows = [.. Enumerable.Range(0, 60).Select(static i => new LabeledPrompt(i % 2 == 0 ? $"Invoice {i}, please." : $"Audit ledger {i}.", i % 2))];
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            AdaptedRouter adapted = RouterAdapter.Adapt(
                BuiltInRouter.Model, [new AdaptationSet("support", rows)], new AdaptationOptions { StrongModel = "gpt-5", WeakModel = "gpt-5-mini" });
            Console.WriteLine(adapted.Report!.Summary);                             // "better: use the adapted router (...)", or "no gain: keep the original (...)"
            await File.WriteAllBytesAsync(path, adapted.Artifact.ToArray());

            IRouter support = HashedMatrixFactorizationModel.Load(path).ForDefaultPair();   // needs the core package only

            Assert.Equal(AdaptationVerdict.Better, adapted.Report.Verdict);
            Assert.True(await support.PredictWinProbabilityAsync(new RouteRequest("Audit ledger 99."), TestContext.Current.CancellationToken)
                > await support.PredictWinProbabilityAsync(new RouteRequest("Invoice 99, please."), TestContext.Current.CancellationToken));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
