using CsCheck;
using RouteLLM.Tests.MatrixFactorization;

namespace RouteLLM.Tests.Explanations;

public class PredictionExplanationTests
{
    private const string Proof = "Prove that 7 is prime.\nProve that it's odd, too: \"証明してください。\"";

    private static readonly string[] s_words =
    [
        "prove", "that", "Prove", "the", "write", "2", "7", "?", ".", "\n", "日本語", "です", "証明してください", "아름다운", "ελληνικά", "мир", "مرحبا", "สวัสดี", "𝒳", "😀", "\uD800", "```", "{", "A)", "é", "’",
    ];

    private static readonly Gen<string> s_text = Gen.OneOf(
        Gen.Int[0, s_words.Length - 1].Array[0, 60].Select(static words => string.Join(" ", words.Select(static i => s_words[i]))),
        Gen.String[Gen.OneOf(Gen.Char, Gen.Char['\uD800', '\uDFFF'], Gen.Char[' ', '~'], Gen.Char['\u3040', '\u30FF'], Gen.Char['\u4E00', '\u4E20']), 0, 300],
        Gen.String[Gen.Char['a', 'd'], 4000, 5000]);

    private static readonly HashedMatrixFactorizationModel s_model = TestModel.Load(TestModel.CreateWriter(items: static v => v[6] = 3));

    [Fact]
    public void Contributions_and_words_sum_to_the_score_whatever_the_text() => s_text.Sample(static prompt =>
    {
        Sums(s_model.ForPair("big", "medium"), prompt);
        Sums(BuiltInRouter.Create(), prompt);

        static void Sums(HashedMatrixFactorizationRouter router, string prompt)
        {
            PredictionExplanation explanation = router.Explain(prompt);
            Assert.Equal(router.PredictWinProbability(prompt), explanation.WinProbability, 1e-6);
            Assert.Equal(explanation.WinProbability, 1 / (1 + Math.Exp(-explanation.Score)), 1e-12);
            Assert.Equal(explanation.Score, explanation.Bias + explanation.Contributions.Sum(static c => c.Weight), 1e-4);
            Assert.Equal(explanation.Score, explanation.Bias + explanation.ShapeWeight + explanation.Words.Sum(static w => w.Weight), 1e-4);
        }
    });

    [Fact]
    public void Every_feature_that_is_extracted_is_explained() => s_text.Sample(static prompt =>
    {
        var buckets = new int[HashedTextFeatures.MaxFeatures];
        int count = HashedTextFeatures.Extract(prompt, buckets);
        HashedFeatureTracer trace = HashedFeatureTracer.Trace(prompt);
        Assert.Equal(buckets[..count], trace.Features.Select(static feature => feature.Bucket).Distinct());
    });

    [Fact]
    public void Spans_lie_within_the_prompt_and_words_follow_each_other() => s_text.Sample(static prompt =>
    {
        PredictionExplanation explanation = BuiltInRouter.Create().Explain(prompt);
        int end = 0;
        foreach (WordContribution word in explanation.Words)
        {
            Assert.InRange(word.Span.Start, end, prompt.Length - 1);
            Assert.InRange(word.Span.Length, 1, prompt.Length - word.Span.Start);
            end = word.Span.End;
        }

        Assert.All(explanation.Contributions.SelectMany(static c => c.Spans), span => Assert.InRange(span.End, span.Start + 1, prompt.Length));
    });

    [Fact]
    public void Features_are_described_by_the_words_they_are_made_of()
    {
        PredictionExplanation explanation = BuiltInRouter.Create().Explain("  " + Proof);
        string[] descriptions = [.. explanation.Contributions.Select(static c => c.Description)];
        string[] expected =
        [
            "\"prove\"", "\"prove that\"", "\"prime.\"", "\"it'\"", "\"証明\"", "early \"7\"", "starts with \"prove\"", "starts with \"prove that\"",
            "ends with \"\"\"", "last characters \"証明\"", $"length {Proof.Length}", "lines 2", "ends of sentences 2", "numbers 1", "fenced code 0",
        ];
        Assert.Empty(expected.Except(descriptions));
        Assert.Equal(descriptions.Length, descriptions.Distinct().Count());
        Assert.Equal(explanation.Contributions.Select(static c => Math.Abs(c.Weight)).OrderDescending(), explanation.Contributions.Select(static c => Math.Abs(c.Weight)));
    }

    [Fact]
    public void A_word_that_occurs_twice_shares_its_weight_between_its_places()
    {
        PredictionExplanation explanation = s_model.ForDefaultPair().Explain(Proof);
        FeatureContribution prove = Assert.Single(explanation.Contributions, static c => c.Description == "\"prove\"");
        Assert.Equal([new TextSpan(0, 5), new TextSpan(Proof.IndexOf("\nProve", StringComparison.Ordinal) + 1, 5)], prove.Spans);
        Assert.Equal(FeatureKind.Body, prove.Kind);

        // Each occurrence has half of "prove", of its parts, and a quarter of "prove that"; the second also is part of ". prove".
        Assert.Contains(explanation.Contributions, static c => c.Description == "\". prove\"");
        Assert.Contains(explanation.Contributions, static c => c is { Kind: FeatureKind.Subword, Description: "\"prov-\"", Spans.Count: 2 });
        WordContribution second = Assert.Single(explanation.Words, word => word.Span == prove.Spans[1]);
        double expected = 0;
        foreach (FeatureContribution contribution in explanation.Contributions)
        {
            foreach (TextSpan span in contribution.Spans.Where(span => span.Start <= second.Span.Start && span.End >= second.Span.End))
            {
                expected += contribution.Weight / contribution.Spans.Count / explanation.Words.Count(word => word.Span.Start >= span.Start && word.Span.End <= span.End);
            }
        }

        Assert.Equal(expected, second.Weight, 1e-9);
    }

    [Fact]
    public void A_prompt_without_words_is_explained_by_its_shape_alone()
    {
        PredictionExplanation explanation = s_model.ForDefaultPair().Explain(" \n ");
        Assert.Empty(explanation.Words);
        Assert.Equal(explanation.Score, explanation.Bias + explanation.ShapeWeight, 1e-4);
        Assert.Contains(explanation.Contributions, static c => c is { Kind: FeatureKind.Ends, Description: "starts with nothing", Spans.Count: 0 });
    }

    [Fact]
    public void The_ends_of_a_long_prompt_point_at_where_they_stand()
    {
        string prompt = " " + string.Concat(Enumerable.Repeat("word ", 2000)) + "verify this claim";
        FeatureContribution claim = Assert.Single(s_model.ForDefaultPair().Explain(prompt).Contributions, static c => c.Description == "ends with \"claim\"");
        Assert.Equal(new TextSpan(prompt.Length - 5, 5), Assert.Single(claim.Spans));
    }

    [Fact]
    public void A_wrapper_explains_by_what_it_wraps_and_a_router_that_cannot_says_so()
    {
        IRouter wrapped = new Wrapper(s_model.ForDefaultPair());
        Assert.Equal(s_model.ForDefaultPair().PredictWinProbability(Proof), wrapped.Explain(Proof).WinProbability, 1e-12);
        NotSupportedException error = Assert.Throws<NotSupportedException>(static () => new FixedRouter(0.5).Explain(Proof));
        Assert.Contains(nameof(FixedRouter), error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("prime", error.Message, StringComparison.Ordinal);
    }

    private sealed class Wrapper(IRouter inner) : DelegatingRouter(inner);
}
