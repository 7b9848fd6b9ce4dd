using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Explanations;

public class ExplainedDecisionTests
{
    private const string Prompt = "Prove that the sequence is bounded.";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_outcome_explains_the_decision_behind_it(bool streaming)
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), BuiltInRouter.Create(), new() { StrongShare = 0.5 });
        RouteOutcome outcome = streaming
            ? (await client.GetStreamingResponseAsync(Prompt, cancellationToken: Cancel).ToChatResponseAsync(Cancel)).GetRouteOutcome()!
            : (await client.GetResponseAsync(Prompt, cancellationToken: Cancel)).GetRouteOutcome()!;
        PredictionExplanation explanation = outcome.Explain()!;
        Assert.Equal(outcome.WinProbability!.Value, explanation.WinProbability, 1e-9);
        Assert.Equal(Prompt, explanation.Prompt);
    }

    [Fact]
    public async Task The_router_that_a_request_asked_for_explains_it()
    {
        RouterRegistry routers = new RouterRegistry().Add("fixed", new FixedRouter(0.5)).Add("builtin", BuiltInRouter.Create());
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), new() { Threshold = 0.2, Router = "fixed", Routers = routers });
        ChatResponse plain = await client.GetResponseAsync(Prompt, cancellationToken: Cancel);
        ChatResponse other = await client.GetResponseAsync(Prompt, new() { ModelId = "router-builtin-0.3" }, Cancel);
        Assert.Throws<NotSupportedException>(() => plain.GetRouteOutcome()!.Explain());
        Assert.Equal(BuiltInRouter.Create().PredictWinProbability(Prompt), other.GetRouteOutcome()!.Explain()!.WinProbability, 1e-9);
    }

    [Fact]
    public async Task Where_no_router_gave_a_probability_there_is_nothing_to_explain()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), new FakeRouter(double.NaN), new() { Threshold = 0.5 });
        Assert.Null((await client.GetResponseAsync(" ", cancellationToken: Cancel)).GetRouteOutcome()!.Explain());
        Assert.Null((await client.GetResponseAsync(Prompt, cancellationToken: Cancel)).GetRouteOutcome()!.Explain());
        Assert.Null((await client.GetResponseAsync(Prompt, new() { ModelId = "weak" }, Cancel)).GetRouteOutcome()!.Explain());
    }

    [Fact]
    public async Task A_serialised_outcome_neither_holds_the_prompt_nor_explains_itself()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("s"), TestChatClient.Answering("w"), BuiltInRouter.Create(), new() { StrongShare = 0.5 });
        ChatResponse response = await client.GetResponseAsync(Prompt, cancellationToken: Cancel);
        string json = JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        string reflected = JsonSerializer.Serialize(response.GetRouteOutcome());
        Assert.DoesNotContain("bounded", json, StringComparison.Ordinal);
        Assert.DoesNotContain("bounded", reflected, StringComparison.Ordinal);
        RouteOutcome replay = JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!.GetRouteOutcome()!;
        Assert.True(replay.IsReplay);
        Assert.Null(replay.Explain());
    }
}
