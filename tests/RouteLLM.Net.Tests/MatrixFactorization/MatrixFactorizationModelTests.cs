using CsCheck;
using RouteLLM.Tests.Artifacts;
using RouteLLM.Tests.Embeddings;

namespace RouteLLM.Tests.MatrixFactorization;

public class MatrixFactorizationModelTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d"];
    private static readonly int[] s_four = [0, 1, 2, 3];
    private static readonly int[] s_seven = [0, 1, 2, 3, 4, 5, 6];

    [Fact]
    public void Swapping_the_pair_gives_the_complement_without_a_margin() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Bool).Sample(static (seed, hasProjection) =>
        {
            MatrixFactorizationModel model = Random(seed, hasProjection);
            float[] embedding = TestEmbeddingGenerator.Random($"{seed}", model.EmbeddingDimensions);

            Assert.Equal(1, model.ForPair("a", "b").PredictWinProbability(embedding) + model.ForPair("b", "a").PredictWinProbability(embedding), 1e-12);
        });

    [Fact]
    public void A_margin_leaves_a_share_to_ties() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Double[0.01, 5]).Sample(static (seed, margin) =>
        {
            MatrixFactorizationModel model = Random(seed, hasProjection: true, margin);
            float[] embedding = TestEmbeddingGenerator.Random($"{seed}", model.EmbeddingDimensions);

            Assert.InRange(model.ForPair("a", "b").PredictWinProbability(embedding) + model.ForPair("b", "a").PredictWinProbability(embedding), 0, 1);
        });

    [Fact]
    public void Folding_changes_nothing_but_rounding() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Bool).Sample(static (seed, hasProjection) =>
        {
            MatrixFactorizationModel model = Random(seed, hasProjection, margin: 0.3);
            float[] embedding = TestEmbeddingGenerator.Random($"{seed}", model.EmbeddingDimensions);

            double expected = Sigmoid(Strength(model, 1, embedding) - Strength(model, 3, embedding) - 0.3);
            Assert.Equal(expected, model.ForPair("b", "d").PredictWinProbability(embedding), 1e-6);
        });

    [Fact]
    public void Scaling_the_projection_up_and_the_embedding_down_changes_nothing() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Int[-8, 8]).Sample(static (seed, exponent) =>
        {
            MatrixFactorizationModel model = Random(seed, hasProjection: true);
            float scale = MathF.ScaleB(1, exponent);
            var scaled = new MatrixFactorizationModel(model.Models, model.Items, model.Biases, [.. model.Projection.ToArray().Select(w => w * scale)]);
            float[] embedding = TestEmbeddingGenerator.Random($"{seed}", model.EmbeddingDimensions);

            // Powers of two scale without rounding.
            Assert.Equal(model.ForPair("a", "c").PredictWinProbability(embedding), scaled.ForPair("a", "c").PredictWinProbability([.. embedding.Select(x => x / scale)]));
        });

    [Fact]
    public void Permuting_models_and_components_changes_nothing() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Shuffle(s_four), Gen.Shuffle(s_seven)).Sample(static (seed, order, components) =>
        {
            MatrixFactorizationModel model = Random(seed, hasProjection: true);
            float[] items = model.Items.ToArray(), projection = model.Projection.ToArray(), biases = model.Biases.ToArray();
            var permuted = new MatrixFactorizationModel(
                [.. order.Select(m => s_names[m])],
                [.. order.SelectMany(m => items.Skip(m * 3).Take(3))],
                [.. order.Select(m => biases[m])],
                [.. Enumerable.Range(0, 3).SelectMany(k => components.Select(j => projection[(k * 7) + j]))]);
            float[] embedding = TestEmbeddingGenerator.Random($"{seed}", 7);

            Assert.Equal(
                model.ForPair("a", "d").PredictWinProbability(embedding),
                permuted.ForPair("a", "d").PredictWinProbability([.. components.Select(j => embedding[j])]),
                1e-6);
        });

    [Fact]
    public void What_was_saved_is_loaded() =>
        Gen.Select(Gen.Int[0, 9999], Gen.Bool, Gen.Bool).Sample(static (seed, hasProjection, isDescribed) =>
        {
            MatrixFactorizationModelInfo info = isDescribed
                ? new()
                {
                    Name = "mine",
                    StrongModel = "b",
                    WeakModel = "d",
                    TieMargin = 0.1 * seed,
                    Embedder = "test/7",
                    Quantiles = new ScoreQuantiles([0, 0.25, 1]),
                    Metadata = new Dictionary<string, string> { ["license"] = "MIT", ["kind"] = "overwritten" },
                }
                : new();
            MatrixFactorizationModel model = Random(seed, hasProjection, info);

            MatrixFactorizationModel loaded = MatrixFactorizationModel.Load(SafetensorsFile.Parse(MatrixFactorizationArtifact.Write(model).ToArray()));

            Assert.Equal(model.Fingerprint, loaded.Fingerprint);
            Assert.Equal(model.Models, loaded.Models);
            Assert.Equal(model.Items, loaded.Items);
            Assert.Equal(model.Biases, loaded.Biases);
            Assert.Equal(model.Projection, loaded.Projection);
            Assert.Equal(model.EmbeddingDimensions, loaded.EmbeddingDimensions);
            Assert.Equal(
                (info.Name, info.StrongModel, info.WeakModel, info.TieMargin, info.Embedder),
                (loaded.Info.Name, loaded.Info.StrongModel, loaded.Info.WeakModel, loaded.Info.TieMargin, loaded.Info.Embedder));
            Assert.Equal(info.Quantiles?.Values, loaded.Info.Quantiles?.Values);
            Assert.Equal(isDescribed ? ["license"] : [], loaded.Info.Metadata.Keys);
        }, iter: 100);

    [Fact]
    public void An_unknown_model_is_refused_with_the_nearest_names()
    {
        MatrixFactorizationModel model = MatrixFactorizationModel.Load(SafetensorsGoldenTests.PathOf("proj"));

        var exception = Assert.Throws<ArgumentException>(() => model.ForPair("gpt-4-1106-preview", "mistralai/Mixtral-8x7B-Instruct"));

        Assert.Equal("weakModel", exception.ParamName);
        Assert.Contains("'mistralai/Mixtral-8x7B-Instruct' among the 64 here; the nearest names are", exception.Message);
        Assert.Contains("'mixtral-8x7b-instruct-v0.1'", exception.Message);
    }

    [Fact]
    public void A_model_is_even_with_itself_but_makes_no_router()
    {
        MatrixFactorizationModel model = Random(1, hasProjection: true);

        Assert.Equal(0.5, model.ForPair("a", "a").PredictWinProbability(new float[7]));
        Assert.Contains("both 'a'", Assert.Throws<ArgumentException>(() => model.ForPair("a", "a", TestEmbeddingGenerator.OfRandom(7))).Message);
    }

    [Fact]
    public void An_embedding_of_another_size_is_refused_with_both_sizes()
    {
        MatrixFactorizationModel model = Random(1, hasProjection: true);

        Assert.Contains("8 dimensions, but the model was made for 7", Assert.Throws<ArgumentException>(() => model.ForPair("a", "b").PredictWinProbability(new float[8])).Message);
        Assert.Contains(
            "8 dimensions, but router 'mf' was made for 7",
            Assert.Throws<ArgumentException>(() => model.ForPair("a", "b", TestEmbeddingGenerator.OfRandom(7)).PredictWinProbability(new float[8])).Message);
        Assert.Contains("8 dimensions", Assert.Throws<ArgumentException>(() => model.ForPool(TestEmbeddingGenerator.OfRandom(7)).PredictQualities(new float[8], new double[4])).Message);
    }

    [Theory]
    [InlineData(11, 4, 21, "3 rows")]
    [InlineData(0, 4, 21, "0 weights")]
    [InlineData(12, 3, 21, "3 biases for 4 models")]
    [InlineData(12, 4, 20, "20 weights do not make 3 rows")]
    public void Sizes_that_do_not_fit_together_are_refused(int items, int biases, int projection, string message)
    {
        string expected = items == 11 ? "11 weights do not make 4 rows" : message;

        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => new MatrixFactorizationModel(s_names, new float[items], new float[biases], new float[projection])).Message);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Weights_that_are_not_finite_are_refused(float value)
    {
        float[] items = new float[12];
        items[5] = value;

        var exception = Assert.Throws<ArgumentException>(() => new MatrixFactorizationModel(s_names, items, new float[4], []));

        Assert.Contains("weight at 5", exception.Message);
        Assert.Equal("items", exception.ParamName);
    }

    [Fact]
    public void Names_pairs_and_margins_that_are_not_valid_are_refused()
    {
        static string Message(string[] names, MatrixFactorizationModelInfo? info = null) =>
            Assert.Throws<ArgumentException>(() => new MatrixFactorizationModel(names, new float[names.Length], new float[names.Length], [], info)).Message;

        Assert.Contains("At least two", Message(["a"]));
        Assert.Contains("'a' is there twice", Message(["a", "a"]));
        Assert.Contains("empty", Message(["a", " "]));
        Assert.Contains("default pair is 'a' and 'x'", Message(["a", "b"], new() { StrongModel = "a", WeakModel = "x" }));
        Assert.Contains("default pair", Message(["a", "b"], new() { StrongModel = "a" }));
        Assert.Contains("margin of ties is NaN", Message(["a", "b"], new() { TieMargin = double.NaN }));
    }

    internal static MatrixFactorizationModel Random(int seed, bool hasProjection, double margin = 0) => Random(seed, hasProjection, new MatrixFactorizationModelInfo { TieMargin = margin });

    internal static MatrixFactorizationModel Random(int seed, bool hasProjection, MatrixFactorizationModelInfo info) =>
        new(
            s_names,
            TestEmbeddingGenerator.Random($"items{seed}", 12),
            TestEmbeddingGenerator.Random($"biases{seed}", 4),
            hasProjection ? TestEmbeddingGenerator.Random($"projection{seed}", 21) : [],
            info);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Strength(MatrixFactorizationModel model, int m, float[] embedding)
    {
        double sum = model.Biases[m];
        for (int k = 0; k < model.Dimensions; k++)
        {
            double projected = embedding[k];
            if (model.HasProjection)
            {
                projected = 0;
                for (int j = 0; j < embedding.Length; j++)
                {
                    projected += (double)model.Projection[(k * embedding.Length) + j] * embedding[j];
                }
            }

            sum += model.Items[(m * model.Dimensions) + k] * projected;
        }

        return sum;
    }
}
