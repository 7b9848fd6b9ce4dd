using CsCheck;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Policies;

/// <summary>How quality and cost are weighed.</summary>
public class QualityPolicyTests
{
    // Without input, 500 tokens of output cost 0.05, 0.005 and 0.0005 USD.
    private readonly ModelRoute[] _routes = [Route("big", 100), Route("mid", 10), Route("small", 1)];

    [Theory]
    [InlineData(0, "big mid small")]
    [InlineData(5, "mid big small")]
    [InlineData(1000, "small mid big")]
    public async Task The_more_a_dollar_is_worth_the_cheaper_the_route(double lambda, string order)
    {
        var policy = new BestValuePolicy(_routes, new Predictor([0.9, 0.8, 0.3]), new() { QualityPerDollar = lambda });

        RouteDecision decision = await policy.DecideAsync(Request(), TestContext.Current.CancellationToken);

        Assert.Equal((order, RouteReasons.BestValue), (Names(decision), decision.Reason));
        Assert.Equal(decision.Routes, decision.Estimates.Select(estimate => estimate.Route));
        Assert.Equal(0.05m, decision.Estimates.Single(estimate => estimate.Route.Name == "big").Cost);
    }

    [Fact]
    public void The_first_route_has_the_best_value_of_all() =>
        Gen.Select(Gen.Double[0, 1].Array[3], Gen.Double[0, 100]).Sample((qualities, lambda) =>
        {
            RouteDecision decision = new BestValuePolicy(_routes, new Predictor(qualities), new() { QualityPerDollar = lambda }).DecideAsync(Request()).AsTask().Result;
            double[] values = [.. decision.Estimates.Select(estimate => estimate.Quality - lambda * (double)estimate.Cost)];
            return values.SequenceEqual(values.OrderDescending());
        });

    [Theory]
    [InlineData(0.7, 0, "mid big small")]
    [InlineData(0.85, 0, "big mid small")]
    [InlineData(0.95, 0, "big mid small")]
    [InlineData(0.2, 0, "small mid big")]
    [InlineData(0.7, 0.5, "small mid big")]
    public async Task The_cheapest_that_reaches_the_quality_comes_first_or_the_best_where_none_does(double wanted, double shift, string order)
    {
        var policy = new CheapestAbovePolicy(_routes, new Predictor([0.9, 0.8, 0.3]), new() { MinQuality = wanted });

        Assert.Equal(order, Names(await policy.DecideAsync(Request().Adjust(thresholdShift: shift), TestContext.Current.CancellationToken)));
    }

    [Theory]
    [InlineData(-1, "big mid small")]
    [InlineData(0.9999, "small mid big")]
    [InlineData(1, "small mid big")]
    public async Task A_shift_makes_money_dearer_or_cheaper(double shift, string order)
    {
        var policy = new BestValuePolicy(_routes, new Predictor([0.9, 0.8, 0.3]), new() { QualityPerDollar = 5 });

        Assert.Equal(order, Names(await policy.DecideAsync(Request().Adjust(thresholdShift: shift), TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Expected_tokens_are_what_was_learned_and_no_more_than_the_request_allows()
    {
        var policy = new BestValuePolicy(_routes, new Predictor([0.9, 0.8, 0.3]), new() { OutputTokens = (route, _) => route.Name == "big" ? 1_000 : null });

        Assert.Equal([0.1m, 0.005m], await CostsAsync(null));
        Assert.Equal([0.02m, 0.002m], await CostsAsync(200));

        async Task<decimal[]> CostsAsync(int? most)
        {
            RouteDecision decision = await policy.DecideAsync(Request(most), TestContext.Current.CancellationToken);
            return [.. decision.Estimates.Where(estimate => estimate.Route.Name != "small").OrderByDescending(estimate => estimate.Cost).Select(estimate => estimate.Cost)];
        }
    }

    [Fact]
    public async Task Predictors_of_other_names_are_mapped_by_aliases()
    {
        var predictor = new Predictor([0.1, 0.9], "mixtral", "gpt-4");
        ModelRoute[] routes = [_routes[0], new("other", TestChatClient.Answering("")) { ModelId = "mini-2", Profile = _routes[1].Profile }, new("mixtral", TestChatClient.Answering("")) { Profile = _routes[2].Profile }];

        RouteDecision decision = await new BestValuePolicy(routes, predictor, new() { QualityPerDollar = 0, Aliases = new() { ["BIG"] = "GPT-4", ["mini-2"] = "mixtral" } })
            .DecideAsync(Request(), TestContext.Current.CancellationToken);

        Assert.Equal([("big", 0.9), ("other", 0.1), ("mixtral", 0.1)], decision.Estimates.Select(estimate => (estimate.Route.Name, estimate.Quality)));
        Assert.Contains("knows: mixtral, gpt-4. Add an alias for 'big'", Assert.Throws<ArgumentException>(() => new BestValuePolicy(routes, predictor)).Message, StringComparison.Ordinal);
        Assert.Contains("'gpt-5', which is the alias", Assert.Throws<ArgumentException>(() => new BestValuePolicy(routes, predictor, new() { Aliases = new() { ["big"] = "gpt-5" } })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1.5)]
    public async Task What_is_no_quality_leaves_the_order_of_the_routes(double quality)
    {
        RouteDecision decision = await new CheapestAbovePolicy(_routes, new Predictor([0.5, quality, 0.5])).DecideAsync(Request(), TestContext.Current.CancellationToken);

        Assert.Equal(("big mid small", RouteReasons.RouterFailed), (Names(decision), decision.Reason));
        Assert.Contains("'mid'", decision.RouterError!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_route_without_a_price_is_refused() =>
        Assert.Contains("has no price", Assert.Throws<ArgumentException>(() => new BestValuePolicy([new ModelRoute("big", TestChatClient.Answering(""))], new Predictor([1]))).Message, StringComparison.Ordinal);

    private static ModelRoute Route(string name, decimal price) => new(name, TestChatClient.Answering(name)) { Profile = new() { Price = new(0, price) } };

    private static RouteRequest Request(int? maxOutputTokens = null) => new([new ChatMessage(ChatRole.User, "question")], new() { MaxOutputTokens = maxOutputTokens });

    private static string Names(RouteDecision decision) => string.Join(" ", decision.Routes.Select(route => route.Name));

    private sealed class Predictor(double[] qualities, params string[] names) : IQualityPredictor
    {
        public IReadOnlyList<string> Models { get; } = names.Length > 0 ? names : [.. new[] { "big", "mid", "small" }.Take(qualities.Length)];

        public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default) => new(qualities);
    }
}
