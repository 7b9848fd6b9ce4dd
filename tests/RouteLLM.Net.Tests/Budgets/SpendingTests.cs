using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Budgets;

/// <summary>What is counted.</summary>
public sealed class SpendingTests
{
    [Fact]
    public async Task The_ledger_counts_what_providers_say_was_used_by_route_and_tenant()
    {
        var fixture = new SpendingFixture();
        using RoutedChatClient client = fixture.CreateClient();
        ChatResponse response = await client.GetResponseAsync("hi", SpendingFixture.Of("acme"), TestContext.Current.CancellationToken);
        await client.GetResponseAsync("hi", new() { ModelId = "weak" }, TestContext.Current.CancellationToken);
        Assert.Equal(0.01m, response.GetRouteOutcome()!.Cost);
        Assert.Equal(
            [
                new(fixture.Today, "strong", "acme") { Calls = 1, InputTokens = 100, OutputTokens = 900, Cost = 0.01m },
                new(fixture.Today, "weak", null) { Calls = 1, InputTokens = 100, OutputTokens = 900, Cost = 0.001m },
            ],
            await fixture.DailyAsync());
    }

    [Fact]
    public async Task A_stream_is_counted_when_it_ends_or_is_left_and_estimated_where_the_provider_is_silent()
    {
        var fixture = new SpendingFixture();
        fixture.Strong.OnStream = static (_, _, token) => TestChatClient.StreamAsync("one two three four", token);
        using RoutedChatClient client = fixture.CreateClient();
        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Empty(await fixture.DailyAsync());
        }

        DailySpend whole = Assert.Single(await fixture.DailyAsync());
        Assert.Equal((1, 1), (whole.Calls, whole.EstimatedCalls));
        Assert.True(whole.Cost > 0);

        await foreach (ChatResponseUpdate _ in client.GetStreamingResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken))
        {
            break;
        }

        DailySpend both = Assert.Single(await fixture.DailyAsync());
        Assert.Equal(2, both.Calls);
        Assert.InRange(both.Cost - whole.Cost, 0.000001m, whole.Cost - 0.000001m);
    }

    [Fact]
    public async Task A_call_that_fails_over_is_paid_once_and_one_that_a_cache_answers_not_at_all()
    {
        var fixture = new SpendingFixture();
        fixture.Strong.OnResponse = static (_, _, _) => throw new HttpRequestException("down", null, System.Net.HttpStatusCode.ServiceUnavailable);
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(new(fixture.Today, "weak", null) { Calls = 1, InputTokens = 100, OutputTokens = 900, Cost = 0.001m }, Assert.Single(await fixture.DailyAsync()));

        var cached = new ModelRoute("cached", fixture.Weak, static builder => builder.Use(static (_, _, _, _) => Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, "from a cache"))), null))
        {
            Profile = fixture.Options.WeakProfile,
        };
        using var cachedClient = new RoutedChatClient([cached], new ThresholdPolicy(cached, cached, fixture.Router, fixture.Options), fixture.Options, timeProvider: fixture.Time);
        await cachedClient.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Single(await fixture.DailyAsync());
    }

    [Fact]
    public async Task Nothing_stays_reserved_however_a_call_ends()
    {
        var fixture = new SpendingFixture().With(new() { Name = "all", Limit = 1 });
        using RoutedChatClient client = fixture.CreateClient();
        await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        fixture.Strong.OnResponse = fixture.Weak.OnResponse = static (_, _, _) => throw new HttpRequestException("down", null, System.Net.HttpStatusCode.ServiceUnavailable);
        await Assert.ThrowsAsync<RoutesFailedException>(() => client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken));
        using var cancelled = new CancellationTokenSource();
        fixture.Strong.OnResponse = async (_, _, token) =>
        {
            await cancelled.CancelAsync();
            token.ThrowIfCancellationRequested();
            throw new InvalidOperationException();
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => client.GetResponseAsync("hi", cancellationToken: cancelled.Token));
        BudgetStatus status = Assert.Single(fixture.Ledger.BudgetStatuses);
        Assert.Equal((0.01m, 0m), (status.Spent, status.Reserved));
    }

    [Fact]
    public async Task Expected_output_tokens_are_learned_by_route()
    {
        var fixture = new SpendingFixture();
        using RoutedChatClient client = fixture.CreateClient();
        Assert.Equal(500, fixture.Ledger.OutputTokens.Expect("strong"));
        for (int i = 0; i < 300; i++)
        {
            await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.InRange(fixture.Ledger.OutputTokens.Expect("strong"), 895, 900);
        Assert.Equal(500, fixture.Ledger.OutputTokens.Expect("weak"));
        var route = new ModelRoute("strong", fixture.Strong) { Profile = fixture.Options.StrongProfile };
        var bounded = new RouteRequest([new(ChatRole.User, "hi")], new() { MaxOutputTokens = 10 }) { TokenCounter = TokenCounter.Create(static _ => 6) };
        Assert.Equal(0.0002m, fixture.Ledger.OutputTokens.ExpectCost(route, bounded));
        var wide = new RouteRequest([new(ChatRole.User, "hi")], new() { MaxOutputTokens = 1_990 }) { TokenCounter = TokenCounter.Create(static _ => 6) };
        Assert.Equal(0.02m, fixture.Ledger.OutputTokens.ExpectCost(route, wide, maximum: true));
        Assert.Null(fixture.Ledger.OutputTokens.ExpectCost(new("free", fixture.Weak), wide));
    }

    [Fact]
    public async Task A_new_ledger_learns_from_what_its_store_kept()
    {
        var fixture = new SpendingFixture();
        using RoutedChatClient client = fixture.CreateClient();
        for (int i = 0; i < 250; i++)
        {
            await client.GetResponseAsync("hi", cancellationToken: TestContext.Current.CancellationToken);
        }

        await using var next = new CostLedger(fixture.Store, timeProvider: fixture.Time);
        await next.LearnOutputTokensAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(900, next.OutputTokens.Expect("strong"));
        Assert.Equal(500, next.OutputTokens.Expect("weak"));
    }
}
