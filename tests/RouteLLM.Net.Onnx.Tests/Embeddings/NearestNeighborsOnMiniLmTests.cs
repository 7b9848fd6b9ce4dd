using Microsoft.Extensions.AI;
using RouteLLM.Evaluation;

namespace RouteLLM.Onnx.Tests.Embeddings;

/// <summary>A nearest-neighbour router on the model beside the repository, on all of GSM8K and a share of MMLU: about a minute. The sample KnnOnMiniLM measures all benchmarks.</summary>
public class NearestNeighborsOnMiniLmTests
{
    private const string Strong = "gpt-4-1106-preview", Weak = "mistralai/Mixtral-8x7B-Instruct-v0.1";

    // MMLU without the subject whose published grades are faulty.
    [Theory]
    [InlineData("gsm8k", 1, 1, 0.634, 0.632)]
    [InlineData("mmlu", 5, 7, 0.624, 0.626)]
    public async Task Nearest_neighbours_on_MiniLM_reach_the_quality_that_was_measured_elsewhere(string benchmark, int everyKnown, int everyHeld, double reported50, double reported200)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await using OnnxEmbeddingGenerator embedder = OnnxEmbeddingGenerator.Load(Golden.MiniLm(), new OnnxEmbeddingOptions { MaxTokens = 256 });
        EvaluationRow[] rows = [.. EvaluationRowReader.ReadFile(Golden.Shared("data", "routellm.jsonl.gz")).Where(row => row.Source.StartsWith(benchmark, StringComparison.Ordinal) && row.Source != "mmlu/high_school_mathematics")];
        EvaluationRow[] known = [.. rows.Where(static row => row.Split == "train").Where((_, i) => i % everyKnown == 0)], held = [.. rows.Where(static row => row.Split == "eval").Where((_, i) => i % everyHeld == 0)];
        var builder = new BattleIndexBuilder(new BattleIndexOptions { Embedder = embedder.ModelId, KeepPrompts = false });
        GeneratedEmbeddings<Embedding<float>> vectors = await embedder.GenerateAsync(known.Select(static row => row.Prompt), cancellationToken: token);
        for (int i = 0; i < known.Length; i++)
        {
            builder.Add(null, known[i].Scores, vectors[i].Vector.Span);
        }

        using BattleIndex index = builder.Build();
        vectors = await embedder.GenerateAsync(held.Select(static row => row.Prompt), cancellationToken: token);
        foreach ((int neighbors, double reported) in (ReadOnlySpan<(int, double)>)[(50, reported50), (200, reported200)])
        {
            var router = new NearestNeighborRouter(index, Strong, Weak, embedder, new NearestNeighborOptions { Neighbors = neighbors });
            double[] predicted = [.. vectors.Select(vector => router.PredictWinProbability(vector.Vector.Span))];
            BootstrapInterval interval = BootstrapInterval.Create(held.Length, sample => Apgr(held, predicted, sample));
            double apgr = Apgr(held, predicted, [.. Enumerable.Range(0, held.Length)]);

            TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant($"{neighbors} neighbours: APGR {apgr:0.000} +- {interval.HalfWidth:0.000}; reported {reported:0.000}, with neighbours from all benchmarks."));
            Assert.InRange(reported, apgr - interval.HalfWidth, apgr + interval.HalfWidth);
            Assert.True(apgr - interval.HalfWidth > 0.5, "It is no better than a random router.");
        }
    }

    private static double Apgr(EvaluationRow[] rows, double[] predicted, IReadOnlyList<int> sample) => CostQualityCurve.Create(
        [.. sample.Select(i => predicted[i])], [.. sample.Select(i => rows[i].Scores[Strong])], [.. sample.Select(i => rows[i].Scores[Weak])]).Apgr;
}
