using System.Globalization;
using CsCheck;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Internals;

namespace RouteLLM.Tests.Adaptive;

/// <summary>A strong share or a monthly budget is held by itself, whatever the traffic does.</summary>
public class AdaptiveThresholdTests(ITestOutputHelper output)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_number_of_strong_requests_is_within_its_bound_for_any_scores() =>
        Gen.Select(Gen.Double[0.02, 0.98], Gen.Int[0, 4], Gen.Double[0, 1].Array[3000]).Sample((share, shape, noise) =>
        {
            var options = new AdaptiveThresholdOptions { StrongShare = share, Memory = 500, MinimumRequests = 0 };
            var threshold = new AdaptiveThreshold();
            int strong = 0;
            for (int i = 0; i < noise.Length; i++)
            {
                // Even, one score only, two scores, ever higher, and a sudden turn.
                double score = shape switch { 0 => noise[i], 1 => 0.3, 2 => noise[i] < 0.7 ? 0.2 : 0.8, 3 => (double)i / noise.Length, _ => i < 1500 ? noise[i] / 4 : 1 - (noise[i] / 4) };
                double applied = threshold.Threshold(options, default) ?? 0.5;
                bool isStrong = score >= applied;
                strong += isStrong ? 1 : 0;
                threshold.Learn(options, default, score, isStrong, adapted: true);
                double bound = ((1 + (2 * options.Gain)) / options.Gain) + 1;
                Assert.True(Math.Abs(strong - (share * (i + 1))) <= bound, $"{strong} of {i + 1} are strong, but {share:0.00} was asked for (shape {shape}).");
            }
        }, iter: 60);

    [Fact]
    public void A_histogram_gives_the_quantiles_of_recent_numbers()
    {
        var histogram = new DecayingHistogram();
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            histogram.Add(random.NextDouble() / 2, 1000);
        }

        Assert.All([0.1, 0.5, 0.9], q => Assert.InRange(histogram.Quantile(q), (q / 2) - 0.03, (q / 2) + 0.03));
        for (int i = 0; i < 300_000; i++)
        {
            histogram.Add(0.5 + (random.NextDouble() / 2), 1000);
        }

        Assert.All([0.1, 0.5, 0.9], q => Assert.InRange(histogram.Quantile(q), 0.5 + (q / 2) - 0.03, 0.5 + (q / 2) + 0.03));
        Assert.InRange(histogram.Quantile(1), 0.98, 1);
    }

    [Fact]
    public async Task A_share_is_held_when_prompts_become_harder_and_one_threshold_would_not_hold_it()
    {
        const double Share = 0.3;
        var options = new TwoModelRoutingOptions { Threshold = 0.7, AdaptiveThreshold = new() { StrongShare = Share } };
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), FakeRouter.ReadingPrompts(), options);
        var random = new Random(7);
        double worst = 0, fixedShare = 0;
        for (int block = 0; block < 12; block++)
        {
            int strong = 0, above = 0;
            for (int i = 0; i < 1000; i++)
            {
                // Scores of a power law whose median moves from 0.3 to 0.8 and back.
                double exponent = Math.Exp(1.5 * Math.Cos(block * Math.PI / 6));
                double score = Math.Pow(random.NextDouble(), exponent);
                RouteOutcome outcome = (await client.GetResponseAsync(score.ToString("R", CultureInfo.InvariantCulture), cancellationToken: Cancel)).GetRouteOutcome()!;
                strong += outcome.Route == "strong" ? 1 : 0;
                above += score >= 0.7 ? 1 : 0;
            }

            worst = block == 0 ? 0 : Math.Max(worst, Math.Abs((strong / 1000.0) - Share));
            fixedShare = Math.Max(fixedShare, Math.Abs((above / 1000.0) - Share));
        }

        output.WriteLine($"share of 1,000 requests: at most {worst:0.000} off; with the threshold that fits at first {fixedShare:0.000}");
        Assert.True(worst < 0.06 && fixedShare > 0.25, $"{worst}, {fixedShare}");
    }

    [Theory]
    [InlineData(600, false)]
    [InlineData(600, true)]
    [InlineData(250, true)]
    public async Task A_monthly_budget_is_spent_evenly_and_kept_though_traffic_and_prompts_change(int budget, bool drift)
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        var options = new TwoModelRoutingOptions
        {
            Threshold = 0.5,
            StrongProfile = new() { Price = new TokenPrice(50_000, 100_000) },
            WeakProfile = new() { Price = new TokenPrice(5_000, 10_000) },
            AdaptiveThreshold = new() { MonthlyBudget = budget },
        };
        var usage = new UsageDetails { InputTokenCount = 1, OutputTokenCount = 1 };
        using var client = new RoutedChatClient(Using(usage), Using(usage), FakeRouter.ReadingPrompts(), options, timeProvider: time);
        var random = new Random(3);
        decimal spent = 0;
        List<decimal> weeks = [0];
        while (time.GetUtcNow().Month == 3)
        {
            // 4 to 12 requests an hour by day and night; in the second half twice as many and harder.
            bool second = drift && time.GetUtcNow().Day > 15;
            double perHour = (8 + (4 * Math.Sin(time.GetUtcNow().Hour * Math.PI / 12))) * (second ? 2 : 1);
            string prompt = Math.Pow(random.NextDouble(), second ? 0.5 : 2).ToString("R", CultureInfo.InvariantCulture);
            decimal cost = (await client.GetResponseAsync(prompt, cancellationToken: Cancel)).GetRouteOutcome()!.Cost!.Value;
            spent += cost;
            int week = (time.GetUtcNow().Day - 1) / 8;
            while (weeks.Count <= week)
            {
                weeks.Add(0);
            }

            weeks[week] += cost;
            time.Advance(TimeSpan.FromHours(1 / perHour));
        }

        output.WriteLine($"budget {budget}: spent {spent:0.00}; in 8 days each {string.Join(", ", weeks.Select(amount => amount.ToString("0.0", CultureInfo.InvariantCulture)))}");
        Assert.InRange(spent, budget * 0.97m, budget * 1.005m);
        Assert.All(weeks, amount => Assert.InRange(amount, budget * 0.15m, budget * 0.40m));
    }

    [Fact]
    public void A_budget_that_is_spent_leaves_nothing_strong_until_the_month_turns()
    {
        var options = new AdaptiveThresholdOptions { MonthlyBudget = 10, MinimumRequests = 0 };
        var threshold = new AdaptiveThreshold();
        var now = new DateTimeOffset(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);
        threshold.Learn(options, now, 0.5, strong: true, adapted: false);
        threshold.Spend(now, 10, strong: true);

        Assert.True(threshold.Threshold(options, now) > 1);
        Assert.True(threshold.Threshold(options, now.AddDays(12)) <= 1);
    }

    [Fact]
    public void What_others_have_spent_counts_where_it_is_told_and_a_failure_to_tell_changes_nothing()
    {
        decimal told = 3;
        bool fails = false;
        int asked = 0;
        var options = new AdaptiveThresholdOptions { MonthlyBudget = 10, MinimumRequests = 0, Spent = () => ++asked > 0 && fails ? throw new IOException("down") : told };
        var threshold = new AdaptiveThreshold();
        var now = new DateTimeOffset(2026, 3, 20, 0, 0, 0, TimeSpan.Zero);
        threshold.Learn(options, now, 0.5, strong: true, adapted: false);

        Assert.True(threshold.Threshold(options, now) <= 1);
        told = 10;
        Assert.True(threshold.Threshold(options, now) <= 1);
        Assert.Equal(1, asked);
        Assert.True(threshold.Threshold(options, now.AddSeconds(1)) > 1);
        fails = true;
        Assert.True(threshold.Threshold(options, now.AddSeconds(3)) > 1);
    }

    [Fact]
    public async Task Requests_with_a_threshold_a_share_or_a_router_of_their_own_are_left_alone()
    {
        var options = new TwoModelRoutingOptions { Threshold = 0.5, AdaptiveThreshold = new() { StrongShare = 0, MinimumRequests = 1 } };
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), FakeRouter.ReadingPrompts(), options);
        Assert.Equal("strong", await Ask(new()));
        Assert.Equal("weak", await Ask(new()));
        Assert.Equal("strong", await Ask(new ChatOptions().SetRoutingThreshold(0.5)));
        Assert.Equal("strong", await Ask(new ChatOptions().SetStrongShare(0.9)));
        Assert.Equal("weak", await Ask(new()));

        async Task<string> Ask(ChatOptions chat) => (await client.GetResponseAsync("0.9", chat, Cancel)).GetRouteOutcome()!.Route;
    }

    [Fact]
    public void Bad_options_are_refused_with_what_to_change()
    {
        Assert.Contains("set one, or both", Message(new()), StringComparison.Ordinal);
        string message = Message(new() { StrongShare = 2, MonthlyBudget = 0, Memory = 1, Gain = 1, MinimumRequests = -1 });
        Assert.All(["StrongShare", "MonthlyBudget", "Memory", "Gain", "MinimumRequests"], name => Assert.Contains($"AdaptiveThreshold.{name} is", message, StringComparison.Ordinal));

        static string Message(AdaptiveThresholdOptions adaptive) => Assert.Throws<ArgumentException>(() =>
            new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new FakeRouter(0.5), new() { Threshold = 0.5, AdaptiveThreshold = adaptive })).Message;
    }

    private static TestChatClient Using(UsageDetails usage) =>
        new() { OnResponse = (_, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "answer")) { Usage = usage }) };
}
