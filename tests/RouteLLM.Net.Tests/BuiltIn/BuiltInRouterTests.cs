using CsCheck;

namespace RouteLLM.Tests.BuiltIn;

public class BuiltInRouterTests
{
    [Fact]
    public void There_is_one_router_and_it_says_what_it_is()
    {
        BuiltInRouter.WarmUp();
        HashedMatrixFactorizationRouter router = BuiltInRouter.Create();
        Assert.Same(router, BuiltInRouter.Create());
        RouterMetadata metadata = router.GetService<RouterMetadata>()!;
        Assert.Equal("builtin", metadata.Name);
        Assert.Equal("gpt-4-1106-preview", metadata.StrongModel);
        Assert.Equal("mistralai/Mixtral-8x7B-Instruct-v0.1", metadata.WeakModel);
        Assert.Equal(BuiltInRouter.Model.Fingerprint, metadata.Fingerprint);
    }

    [Fact]
    public void The_artifact_is_small_and_names_its_data_and_their_licences()
    {
        using Stream artifact = typeof(BuiltInRouter).Assembly.GetManifestResourceStream(BuiltInRouter.ResourceName)!;
        Assert.InRange(artifact.Length, 1, 4 << 20);
        foreach (string data in new[] { "mmlu", "gsm8k", "llmrouter9", "distl5", "chat" })
        {
            Assert.Contains("licence", BuiltInRouter.Model.Metadata[$"data.{data}"], StringComparison.Ordinal);
        }

        Assert.Contains("TrainBuiltInRouter", BuiltInRouter.Model.Metadata["training.command"], StringComparison.Ordinal);
    }

    [Fact]
    public void Shares_give_falling_thresholds_between_0_and_1()
    {
        ScoreQuantiles quantiles = BuiltInRouter.Create().GetService<ScoreQuantiles>()!;
        double[] thresholds = [.. Enumerable.Range(1, 99).Select(percent => quantiles.ThresholdForStrongShare(percent / 100.0))];
        Assert.Equal(thresholds.OrderDescending(), thresholds);
        Assert.All(thresholds, static threshold => Assert.InRange(threshold, 0.005, 0.995));
    }

    [Fact]
    public void Any_text_has_a_probability() => Gen.String[Gen.Char, 0, 500].Sample(static text => Assert.InRange(BuiltInRouter.Create().PredictWinProbability(text), 0, 1));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t")]
    [InlineData("👩‍👩‍👧‍👦🤷🏽‍♀️🎉")]
    [InlineData("\uD83D lone \uDE00 halves")]
    [InlineData("مرحبا، كيف حالك؟ שלום")]
    [InlineData("null\0bytes\0")]
    public void Odd_prompts_have_a_probability(string prompt) => Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), 0.001, 0.999);

    [Fact]
    public void A_megabyte_has_a_probability()
    {
        foreach (string unit in new[] { "lorem ipsum ", "漢字かな", "\uD800", "{};\n", "?" })
        {
            string prompt = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
            Assert.InRange(BuiltInRouter.Create().PredictWinProbability(prompt), 0, 1);
        }
    }

    [Fact]
    public void Every_pair_of_its_models_makes_a_router()
    {
        IReadOnlyList<string> models = BuiltInRouter.Model.Models;
        Assert.True(models.Count >= 10);
        HashedMatrixFactorizationRouter router = BuiltInRouter.Model.ForPair("llama-3.3-nemotron-super-49b-v1", "mistral-7b-instruct-v0.3");
        Assert.InRange(router.PredictWinProbability("What is 12 * 13?"), 0, 1);
        Assert.Equal("mistral-7b-instruct-v0.3", router.GetService<RouterMetadata>()!.WeakModel);
    }
}
