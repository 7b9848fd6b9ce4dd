namespace RouteLLM.Training.Tests;

public class LimitedMemoryBfgsTests
{
    [Fact]
    public void The_minimum_of_Rosenbrocks_valley_is_found()
    {
        float[] point = [-1.2f, 1];
        LimitedMemoryBfgs.Minimize(
            static (x, g) =>
            {
                double a = 1 - x[0];
                double b = x[1] - ((double)x[0] * x[0]);
                g[0] = (float)((-2 * a) - (400 * x[0] * b));
                g[1] = (float)(200 * b);
                return (a * a) + (100 * b * b);
            },
            point,
            maxIterations: 500,
            tolerance: 1e-12,
            CancellationToken.None);
        Assert.Equal(1, point[0], 2);
        Assert.Equal(1, point[1], 2);
    }

    [Fact]
    public void Cancellation_is_honoured() => Assert.Throws<OperationCanceledException>(
        static () => LimitedMemoryBfgs.Minimize(static (x, g) => 0, [1f], 10, 1e-6, new CancellationToken(canceled: true)));
}
