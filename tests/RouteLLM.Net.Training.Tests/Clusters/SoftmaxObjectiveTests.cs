namespace RouteLLM.Training.Tests.Clusters;

public class SoftmaxObjectiveTests
{
    [Fact]
    public void The_gradient_is_that_of_finite_differences_for_soft_labels()
    {
        var random = new Random(3);
        ReadOnlyMemory<float>[] features = [.. Enumerable.Range(0, 20).Select(_ => (ReadOnlyMemory<float>)Numbers(5))];
        double[][] labels = [.. Enumerable.Range(0, 20).Select(_ => ClusteredProblem.RewardDistribution([random.NextDouble(), random.NextDouble(), random.NextDouble()], 0.3))];
        var objective = new SoftmaxObjective(features, labels, [.. Enumerable.Range(0, 20).Where(static i => i % 3 > 0)], Numbers(18), classes: 3, penalty: 0.7);
        float[] point = Numbers(18), gradient = new float[18], ignored = new float[18];
        objective.Evaluate(point, gradient);
        for (int i = 0; i < point.Length; i++)
        {
            const float Step = 1e-2f;
            float[] above = [.. point], below = [.. point];
            above[i] += Step;
            below[i] -= Step;
            double difference = (objective.Evaluate(above, ignored) - objective.Evaluate(below, ignored)) / ((double)above[i] - below[i]);
            Assert.Equal(difference, gradient[i], 2e-3);
        }

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() * 2) - 1)];
    }

    [Fact]
    public void Without_features_that_tell_the_minimum_is_the_mean_label()
    {
        ReadOnlyMemory<float>[] features = [.. Enumerable.Repeat((ReadOnlyMemory<float>)new float[] { 0, 0 }, 1000)];
        double[][] labels = [.. Enumerable.Range(0, 1000).Select(static i => i % 10 < 6 ? new[] { 1.0, 0, 0 } : [0, 0.5, 0.5])];
        float[] fitted = new SoftmaxObjective(features, labels, [.. Enumerable.Range(0, 1000)], new float[9], classes: 3, penalty: 1).Minimize(100, 1e-9, TestContext.Current.CancellationToken);
        double[] exponentials = [.. fitted.Skip(6).Select(static bias => Math.Exp(bias))];
        Assert.All(fitted.Take(6), static weight => Assert.Equal(0, weight, 6));
        Assert.Equal(0.6, exponentials[0] / exponentials.Sum(), 3);
        Assert.Equal(0.2, exponentials[1] / exponentials.Sum(), 3);
    }

    [Fact]
    public void Rewards_become_a_softmax_at_the_temperature()
    {
        // exp(1 / .5) and exp(.5 / .5) and exp(.5 / .5), over their sum.
        double total = Math.Exp(2) + (2 * Math.Exp(1));
        Assert.Equal([Math.Exp(2) / total, Math.Exp(1) / total, Math.Exp(1) / total], ClusteredProblem.RewardDistribution([1, 0.5, 0.5], 0.5), static (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal([1, 0], ClusteredProblem.RewardDistribution([1, 0], 1e-5));
    }
}
