namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

public class DenseTrainingPartsTests
{
    [Fact]
    public void Adam_takes_the_steps_of_its_paper()
    {
        // Worked by hand: with a constant gradient, corrected moments are the gradient and its square, so that each step has the length of the learning rate.
        float[] values = [.. Enumerable.Repeat(1f, 19)];
        var adam = new AdamOptimizer(values, 0.1);
        float[] gradient = [.. Enumerable.Range(0, 19).Select(static i => i % 2 == 0 ? 0.5f : -2f)];
        for (int step = 1; step <= 3; step++)
        {
            adam.Step(step, 0, gradient, weightDecay: 0);
        }

        Assert.All(values.Index(), static value => Assert.Equal(value.Index % 2 == 0 ? 0.7 : 1.3, value.Item, 1e-5));
    }

    [Fact]
    public void Weight_decay_pulls_towards_zero_where_the_gradient_is_zero()
    {
        float[] values = [2f, -2f];
        new AdamOptimizer(values, 0.1).Step(1, 0, new float[2], weightDecay: 0.01);

        Assert.Equal([1.9f, -1.9f], values, static (expected, actual) => Math.Abs(expected - actual) < 1e-5);
    }

    [Fact]
    public void Noise_is_standard_normal_and_follows_from_the_seed()
    {
        var table = new NoiseTable(new Random(1), 64);
        float[] values = table.From(1000, 64).ToArray();
        float[] many = [.. Enumerable.Range(0, 1000).SelectMany(i => table.From(i * 64, 64).ToArray())];

        Assert.Equal(0, many.Average(), 0.02);
        Assert.Equal(1, many.Average(static x => x * x), 0.03);
        Assert.Equal(0.954, many.Average(static x => Math.Abs(x) < 2 ? 1.0 : 0), 0.005);
        Assert.Equal(values, new NoiseTable(new Random(1), 64).From(1000, 64).ToArray());
        Assert.NotEqual(values, new NoiseTable(new Random(2), 64).From(1000, 64).ToArray());
    }

    [Fact]
    public void The_probabilities_behind_the_loss_sum_to_one_with_any_margin()
    {
        Assert.All([0.1, 0.8, 2.5], static margin => Assert.All([-3.0, 0, 1.2], difference =>
        {
            double Probability(double first, double second) => Math.Exp(-PairwiseLogisticLoss.Evaluate(new Comparison(0, 1, first, second, 1), difference, margin).Loss);

            Assert.Equal(1, Probability(1, 0) + Probability(0, 1) + Probability(0, 0), 1e-9);
            Assert.Equal(Probability(1, 0), Probability(1, double.NaN), 1e-9);
        }));
    }
}
