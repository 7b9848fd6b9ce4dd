namespace RouteLLM.Evaluation.Tests.Calibration;

public class TrafficCostTests
{
    [Fact]
    public void A_million_requests_cost_what_their_tokens_do()
    {
        var cost = new TrafficCost(new TokenPrice(2, 8, 0.5m), new TokenPrice(0.1m, 0.4m), new TokenUsage(1000, 500, 400), 1_000_000);

        double strong = (600 * 2) + (400 * 0.5) + (500 * 8), weak = (1000 * 0.1) + (500 * 0.4);
        Assert.Equal(strong, cost.At(1), 6);
        Assert.Equal(weak, cost.At(0), 6);
        Assert.Equal((0.3 * strong) + (0.7 * weak), cost.At(0.3), 6);
        Assert.Equal(0.7 * (1 - (weak / strong)), cost.SavingAt(0.3), 12);
    }

    [Fact]
    public void Degenerate_numbers_have_an_answer_or_are_refused()
    {
        Assert.Equal(double.NaN, new TrafficCost(0, 1, 10).SavingAt(0.5));
        Assert.Equal(-0.5, new TrafficCost(1, 2, 10).SavingAt(0.5), 12);
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrafficCost(-1, 1, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrafficCost(1, double.NaN, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrafficCost(1, 1, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TrafficCost(1, 1, 10).At(1.1));
        Assert.Throws<ArgumentNullException>(() => new TrafficCost(null!, new TokenPrice(1, 1), default, 1));
    }
}
