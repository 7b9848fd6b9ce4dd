namespace RouteLLM.Evaluation.Tests;

/// <summary>The README's example of a simulation, as it stands there.</summary>
public class ReadmeSimulationExamples
{
    [Fact]
    public async Task Replay_a_log()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("log.jsonl", string.Concat(Enumerable.Range(0, 100).Select(static i =>
            FormattableString.Invariant($"{{\"route\":\"{(i < 50 ? "weak" : "strong")}\",\"win_probability\":{i / 100.0},\"input_tokens\":300,\"output_tokens\":200}}\n"))));

        var options = new SimulationOptions { StrongShares = [0.1, 0.2, 0.3], StrongPrice = new TokenPrice(2, 8), WeakPrice = new TokenPrice(0.4m, 1.6m) };
        RoutingSimulation simulation = await RoutingSimulator.ReplayAsync(DecisionLogReader.ReadFile(path), router: null, options);
        foreach (SimulatedPoint point in simulation.Points)
        {
            Console.WriteLine($"{point.Threshold:0.000}: {point.StrongShare:P0} strong, {point.MovedToStrong} up, {point.MovedToWeak} down, {simulation.CostSaved(point):P0} saved");
        }

        Assert.Equal([40, 30, 20], simulation.Points.Select(static point => point.MovedToWeak));
        Assert.Equal(0.8 * 0.9, simulation.CostSaved(simulation.Points[0])!.Value, 12);
    }
}
