using RouteLLM.Evaluation;

namespace RouteLLM.Training.Tests.Readme;

/// <summary>README's C# on transfer, compiled and run. The core's tests check that every block of README stands here or in other examples.</summary>
public class ReadmeTransferExamples
{
    [Fact]
    public async Task A_transfer_study_of_any_trainer()
    {
        EvaluationRow[] rows =
        [
            .. from source in new[] { "billing", "returns" }
               from i in Enumerable.Range(0, 40)
               select new EvaluationRow { Id = $"{source}{i}", Source = source, Prompt = $"{(i % 2 == 0 ? "Prove lemma" : "Hello")} {source} {i}", Scores = new Dictionary<string, double> { ["big"] = i % 2 == 0 ? 1 : 0, ["small"] = 0 } },
        ];

        RouterTrainer trainer = (training, cancellationToken) => Task.FromResult<IRouter>(LinearTrainer.Train(
            LabelRules.FromScores(training, "big", "small").Labels, new LinearTrainingOptions { StrongModel = "big", WeakModel = "small" }, cancellationToken: cancellationToken).Model.ForDefaultPair());
        TransferStudy study = await TransferStudy.RunAsync(rows, trainer, new TransferOptions { StrongModel = "big", WeakModel = "small" });
        foreach (TransferSource source in study.Sources)
        {
            Console.WriteLine($"{source.Name}: {source.InDomain?.Value:0.000} in-domain, {source.LeftOut.Value:0.000} left out{(source.LeftOut.IsBelowRandom ? ", below random" : "")}");
        }

        Assert.All(study.Sources, static source => Assert.Equal(TransferVerdict.BetterThanRandom, source.LeftOut.Verdict));
    }
}
