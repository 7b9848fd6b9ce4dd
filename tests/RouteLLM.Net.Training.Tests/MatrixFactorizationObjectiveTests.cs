namespace RouteLLM.Training.Tests;

public class MatrixFactorizationObjectiveTests
{
    [Fact]
    public void The_gradient_agrees_with_finite_differences()
    {
        string[] texts = ["prove the lemma", "hello there", "prove it there", "the lemma, hello"];
        FeatureMatrix features = FeatureMatrix.Create(texts, minimumTexts: 1, shapeWeight: 2, subwordWeight: 1);
        Outcome[][] outcomes =
        [
            [new(0, 1, 1, 0, 1), new(1, 2, 0, 0, 0.5)],
            [new(0, 1, 0.1, double.NaN, 2)],
            [new(2, 0, 0.2, 0.7, 1)],
            [],
        ];
        const int Models = 3;
        const int Dimensions = 2;
        var objective = new MatrixFactorizationObjective(features, [0, 1, 2, 3], outcomes, Models, Dimensions, [0.5f, 0, -0.5f, 0, 0.2f, 0.3f], new(0.3, 0.1, 2, 0.1));
        var random = new Random(3);
        float[] point = [.. objective.CreateStart().Select(value => (float)(value + random.NextDouble() - 0.5))];
        var gradient = new float[point.Length];
        objective.Evaluate(point, gradient);
        var ignored = new float[point.Length];

        // A sample of the projection, and everything else. The vectors of the first two models are held and have no gradient.
        int[] checkedAt = [.. Enumerable.Range(0, objective.ItemsStart).Where(static i => i % 11 == 0), .. Enumerable.Range(objective.ItemsStart + (2 * Dimensions), point.Length - objective.ItemsStart - (2 * Dimensions))];
        foreach (int i in checkedAt)
        {
            float original = point[i];
            point[i] = original + 0.01f;
            double up = objective.Evaluate(point, ignored);
            point[i] = original - 0.01f;
            double down = objective.Evaluate(point, ignored);
            double step = (original + 0.01f) - (double)(original - 0.01f);
            point[i] = original;
            Assert.Equal((up - down) / step, gradient[i], 3);
        }

        Assert.All(gradient[objective.ItemsStart..(objective.ItemsStart + (2 * Dimensions))], static g => Assert.Equal(0, g));
    }
}
