using System.Text.Json;
using RouteLLM.Tests.Artifacts;
using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.MatrixFactorization;

/// <summary>Against numbers of the reference's own code on small checkpoints written by it; the weights are those of <see cref="SafetensorsGoldenTests"/>.</summary>
public class MatrixFactorizationGoldenTests
{
    internal static string PathOf(params ReadOnlySpan<string> names)
    {
        // The weights stand in tests/RouteLLM.Net.Tests/Artifacts/golden.
        string tests = Path.Combine(Path.GetDirectoryName(SafetensorsGoldenTests.PathOf("proj"))!, "..", "..");
        return Path.Combine([tests, "MatrixFactorization", "golden", .. names]);
    }

    [Theory]
    [InlineData("proj")]
    [InlineData("noproj")]
    public void Win_rates_are_the_references(string kind)
    {
        using var folder = new RouteLlmFolder(kind);
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(folder.Path);
        Case[] cases = Cases(kind);

        Assert.Equal(100, cases.Length);
        Assert.All(cases, c => Assert.Equal(c.WinRate, model.ForPair(model.Models[c.Strong], model.Models[c.Weak]).PredictWinProbability(c.Embedding), 1e-6));
    }

    [Theory]
    [InlineData("proj")]
    [InlineData("noproj")]
    public void A_checkpoint_saved_as_an_artifact_gives_the_same_win_rates(string kind)
    {
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf(kind));
        using var folder = new RouteLlmFolder(kind);
        model.Save(folder.WeightsPath);
        MatrixFactorizationModel artifact = MatrixFactorizationModel.Load(folder.WeightsPath);

        Assert.Equal(model.Models, artifact.Models);
        Assert.Equal("gpt-4-1106-preview", artifact.Info.StrongModel);
        Assert.All(Cases(kind), c => Assert.Equal(
            model.ForPair(model.Models[c.Strong], model.Models[c.Weak]).PredictWinProbability(c.Embedding),
            artifact.ForPair(model.Models[c.Strong], model.Models[c.Weak]).PredictWinProbability(c.Embedding)));
    }

    [Fact]
    public async Task The_router_over_a_generator_gives_the_same_win_rates()
    {
        Case[] cases = Cases("proj");
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf("proj"));
        var generator = new TestEmbeddingGenerator(text => cases[int.Parse(text)].Embedding);
        MatrixFactorizationRouter router = model.ForDefaultPair(generator);
        int[] indexes = [.. Enumerable.Range(0, cases.Length).Where(i => cases[i].Strong == 24 && cases[i].Weak == 36)];

        IReadOnlyList<double> winRates = await router.PredictWinProbabilitiesAsync(indexes.Select(i => $"{i}"), TestContext.Current.CancellationToken);

        Assert.InRange(winRates.Count, 50, 100);
        Assert.All(indexes.Zip(winRates), pair => Assert.Equal(cases[pair.First].WinRate, pair.Second, 1e-6));
    }

    [Fact]
    public void The_table_of_models_is_the_references()
    {
        using JsonDocument table = JsonDocument.Parse(File.ReadAllText(PathOf("models.json")));

        Assert.Equal(
            table.RootElement.EnumerateObject().OrderBy(static entry => entry.Value.GetInt32()).Select(static entry => entry.Name),
            MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf("proj")).Models);
    }

    [Fact]
    public void A_row_of_zeros_stays_zero()
    {
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf("proj"));
        MatrixFactorizationPair pair = model.ForPair("gpt-4-1106-preview", "zephyr-7b-beta");

        Assert.Equal(0, model.Items[(63 * model.Dimensions)..].ToArray().Max(MathF.Abs));
        Assert.True(double.IsFinite(pair.PredictWinProbability(TestEmbeddingGenerator.Random("x", 96))));
    }

    private static Case[] Cases(string kind)
    {
        using JsonDocument json = JsonDocument.Parse(File.ReadAllText(PathOf(kind, "cases.json")));
        return [.. json.RootElement.EnumerateArray().Select(static c => new Case(
            [.. c.GetProperty("embedding").EnumerateArray().Select(static x => x.GetSingle())],
            c.GetProperty("model_a").GetInt32(),
            c.GetProperty("model_b").GetInt32(),
            c.GetProperty("win_rate").GetDouble()))];
    }

    private sealed record Case(float[] Embedding, int Strong, int Weak, double WinRate);
}
