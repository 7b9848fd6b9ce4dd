namespace RouteLLM.Evaluation.Tests;

/// <summary>Runs alone, because what is measured is the memory of the whole process.</summary>
[CollectionDefinition(nameof(SimulationMemoryTests), DisableParallelization = true)]
[Collection(nameof(SimulationMemoryTests))]
public class SimulationMemoryTests
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_log()
    {
        // 200,000 decisions with prompts of a kilobyte are 400 MB as strings in memory.
        long before = GC.GetTotalMemory(forceFullCollection: true), most = 0;
        const int Count = 200_000;
        IEnumerable<LoggedDecision> Log()
        {
            for (int i = 0; i < Count; i++)
            {
                if (i % 50_000 == 0)
                {
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
                }

                yield return new LoggedDecision { Route = "weak", WinProbability = i % 1000 / 1000.0, Prompt = new string('x', 1000) };
            }
        }

        RoutingSimulation simulation = await RoutingSimulator.ReplayAsync(Log(), null, new SimulationOptions { Thresholds = [0.25, 0.5, 0.75] }, TestContext.Current.CancellationToken);

        Assert.Equal([0.75, 0.5, 0.25], simulation.Points.Select(static point => point.StrongShare));

        // What stays is a batch of 1,024 and the examples.
        Assert.InRange(most, 0, 8_000_000);
    }
}
