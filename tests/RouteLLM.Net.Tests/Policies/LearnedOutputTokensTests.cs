using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Policies;

/// <summary>Policies that weigh costs go by what the client's ledger has learned of answers.</summary>
public class LearnedOutputTokensTests
{
    private readonly CostLedger _ledger = new(new MemoryLedgerStore());
    private readonly ModelRoute _big = Priced("big", 10), _small = Priced("small", 1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Best_value_follows_answers_that_grow_longer(bool withLedger)
    {
        // 500 tokens of the better model cost 0.0045 USD more, 5,000 cost 0.045: at 10 a dollar, less and more than the better quality is worth.
        using RoutedChatClient client = Client(new BestValuePolicy([_big, _small], new Fixed(), new() { QualityPerDollar = 10 }), withLedger);
        Assert.Equal("big", await RouteAsync(client));
        _ledger.OutputTokens.Learn("big", 5_000, 200);
        Assert.Equal(withLedger ? "small" : "big", await RouteAsync(client));
    }

    [Fact]
    public async Task Cheapest_above_follows_them_too_and_what_the_policy_is_told_comes_first()
    {
        _ledger.OutputTokens.Learn("small", 50_000, 200);
        using RoutedChatClient learned = Client(new CheapestAbovePolicy([_big, _small], new Fixed(), new() { MinQuality = 0.5 }), withLedger: true);
        using RoutedChatClient told = Client(new CheapestAbovePolicy([_big, _small], new Fixed(), new() { MinQuality = 0.5, OutputTokens = static (_, _) => 500 }), withLedger: true);

        Assert.Equal(("big", "small"), (await RouteAsync(learned), await RouteAsync(told)));
    }

    private static ModelRoute Priced(string name, decimal price) => new(name, TestChatClient.Answering("an answer")) { Profile = new() { Price = new(price, price) } };

    private static async Task<string> RouteAsync(RoutedChatClient client) => (await client.GetResponseAsync("hi", cancellationToken: Cancel)).GetRouteOutcome()!.Route;

    private RoutedChatClient Client(IRoutingPolicy policy, bool withLedger) => new([_big, _small], policy, withLedger ? new() { Spending = new() { Ledger = _ledger } } : new());

    private sealed class Fixed : IQualityPredictor
    {
        public IReadOnlyList<string> Models => ["big", "small"];

        public ValueTask<IReadOnlyList<double>> PredictQualitiesAsync(RouteRequest request, CancellationToken cancellationToken = default) => new([0.9, 0.8]);
    }
}
