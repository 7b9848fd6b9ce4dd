namespace RouteLLM.Training.Tests.DenseMatrixFactorization;

public class DenseObjectiveTests
{
    [Theory]
    [InlineData(TieHandling.Margin)]
    [InlineData(TieHandling.HalfWin)]
    [InlineData(TieHandling.Drop)]
    public void The_gradient_agrees_with_finite_differences(TieHandling ties)
    {
        const int Count = 11, Dimensions = 5, EmbeddingDimensions = 19;
        var planted = new PlantedBattles(Count, models: 3, EmbeddingDimensions, margin: 0.7, seed: 4);
        planted.Prompts[0] = planted.Prompts[0] with { Outcomes = [new("model0", "model1", 1, 0), new("model2", "model1", 0.2, 0.3, 2)] };
        planted.Prompts[1] = planted.Prompts[1] with { Outcomes = [new("model1", "model0", 0.1, 0.4)] };
        if (ties == TieHandling.Margin)
        {
            planted.Prompts[2] = planted.Prompts[2] with { Outcomes = [new("model0", "model2", 0.3, null, 0.5)] };
        }

        DenseMatrixFactorizationTrainingOptions options = PlantedBattles.Options(ties: ties, heldOut: 0);
        var data = new DenseTrainingData(planted.Prompts, planted.Embeddings, [.. Enumerable.Range(0, Count)], options);
        var parameters = new DenseParameters(data.Models.Length, Dimensions, EmbeddingDimensions, data.TieShare());
        var random = new Random(3);
        parameters.Draw(random, new NoiseTable(random, EmbeddingDimensions));
        foreach (float[] part in new[] { parameters.Projection, parameters.Head })
        {
            for (int i = 0; i < part.Length; i++)
            {
                part[i] += random.NextSingle() - 0.5f;
            }
        }

        var objective = new DenseObjective(data, parameters, Count, new ParallelOptions());
        objective.Forward(data.Training);
        objective.Differentiate(data.Training, scale: 1);
        objective.Backward(data.Training.Length);
        float[] projectionGradient = [.. objective.ProjectionGradient], headGradient = [.. objective.HeadGradient];

        AssertGradient(parameters.Projection, projectionGradient);
        AssertGradient(parameters.Head, headGradient);
        Assert.Equal(ties == TieHandling.Margin, headGradient[^1] != 0);

        void AssertGradient(float[] point, float[] gradient)
        {
            for (int i = 0; i < point.Length; i++)
            {
                float original = point[i];
                double up = LossAt(original + 0.01f), down = LossAt(original - 0.01f);
                double step = (original + 0.01f) - (double)(original - 0.01f);
                point[i] = original;
                Assert.Equal((up - down) / step, gradient[i], 0.002);

                double LossAt(float value)
                {
                    point[i] = value;
                    objective.Forward(data.Training);
                    return data.Training.Select((prompt, position) => objective.LossOf(position, prompt).Loss).Sum();
                }
            }
        }
    }
}
