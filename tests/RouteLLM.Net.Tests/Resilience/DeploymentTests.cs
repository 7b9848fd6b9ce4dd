using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using RouteLLM.Tests.Contracts;

namespace RouteLLM.Tests.Resilience;

public class DeploymentTests
{
    private readonly FakeTimeProvider _clock = new();

    public static TheoryData<bool> Streaming => [false, true];

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task Deployments_fail_over_among_themselves_without_a_pause_before_another_model_is_asked(bool streaming)
    {
        var weak = new ScriptedClient("weak", _clock);
        using RoutedChatClient client = ResilientClient.Create(
            _clock,
            new(),
            ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock, ScriptedClient.Fails(503))), ("two", new ScriptedClient("two", _clock, ScriptedClient.Fails(429))), ("three", new ScriptedClient("three", _clock))),
            new ModelRoute("weak", weak));

        ChatResponse response = await client.AskAsync("question", streaming);

        RouteOutcome outcome = response.GetRouteOutcome()!;
        Assert.Equal("three answers", response.Text);
        Assert.Equal(("strong", "three"), (outcome.Route, outcome.Deployment));
        Assert.Equal(["one", "two", "three"], outcome.Attempts.Select(attempt => attempt.Deployment));
        Assert.False(outcome.FailedOver);
        Assert.Equal(0, weak.Calls);
    }

    [Fact]
    public async Task Deployments_get_calls_by_their_weights_in_turn()
    {
        ModelDeployment big = new("big", new ScriptedClient("big", _clock)) { Weight = 3 }, small = new("small", new ScriptedClient("small", _clock));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", [big, small]));
        var turns = new List<string>();

        for (int i = 0; i < 8; i++)
        {
            turns.Add((await client.AskAsync("question", streaming: false)).GetRouteOutcome()!.Deployment!);
        }

        Assert.Equal(["big", "big", "small", "big", "big", "big", "small", "big"], turns);
    }

    [Fact]
    public async Task Without_settings_of_its_own_a_client_with_deployments_has_the_defaults()
    {
        ModelRoute route = ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock, ScriptedClient.Fails(503))), ("two", new ScriptedClient("two", _clock)));
        using var client = new RoutedChatClient([route], new ThresholdPolicy(route, route, new FakeRouter(1), new() { Threshold = 0.5 }), timeProvider: _clock);

        Assert.Equal("two answers", (await client.AskAsync("question", streaming: false)).Text);
    }

    [Fact]
    public async Task The_least_busy_deployment_is_called()
    {
        ScriptedClient one = new("one", _clock, ScriptedClient.Takes(10)), two = new("two", _clock, ScriptedClient.Takes(10));
        ModelRoute route = new("strong", [new("one", one) { Weight = 2 }, new("two", two)]);
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { Balancing = LoadBalancing.LeastBusy }, route);

        Task<ChatResponse>[] asking = [.. Enumerable.Range(0, 6).Select(_ => client.AskAsync("question", streaming: false))];

        Assert.Equal((4, 2), (one.UnderWay, two.UnderWay));
        await _clock.RunAsync(Task.WhenAll(asking));
        Assert.All(client.GetService<DeploymentHealth>()!.GetStatuses(), status => Assert.Equal(0, status.CallsUnderWay));
    }

    [Theory]
    [MemberData(nameof(Streaming))]
    public async Task A_call_counts_as_under_way_until_its_stream_has_ended_or_was_left(bool leaves)
    {
        ModelRoute route = ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock)));
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), route);
        DeploymentHealth health = client.GetService<DeploymentHealth>()!;

        await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync("question", cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal(1, health.GetStatuses().Single().CallsUnderWay);
            if (leaves)
            {
                break;
            }
        }

        Assert.Equal(0, health.GetStatuses().Single().CallsUnderWay);
    }

    [Fact]
    public async Task The_deployment_that_answers_fastest_is_called_and_a_slow_one_is_tried_again_in_time()
    {
        ScriptedClient fast = new("fast", _clock, ScriptedClient.Takes(0.2)), slow = new("slow", _clock, ScriptedClient.Takes(2));
        using RoutedChatClient client = ResilientClient.Create(_clock, new() { Balancing = LoadBalancing.LowestLatency }, ResilientClient.Route("strong", ("slow", slow), ("fast", fast)));

        for (int i = 0; i < 20; i++)
        {
            await _clock.RunAsync(client.AskAsync("question", streaming: false));
        }

        Assert.Equal((1, 19), (slow.Calls, fast.Calls));
        Assert.Equal([TimeSpan.FromSeconds(0.2), TimeSpan.FromSeconds(2)], client.GetService<DeploymentHealth>()!.GetStatuses().Select(status => status.Latency));
        for (int i = 0; i < 2_000 && slow.Calls == 1; i++)
        {
            await _clock.RunAsync(client.AskAsync("question", streaming: false));
        }

        Assert.Equal(2, slow.Calls);
    }

    [Fact]
    public async Task A_cooling_deployment_gets_no_calls_and_the_others_take_its_share()
    {
        ScriptedClient one = new("one", _clock, ScriptedClient.Fails(429, TimeSpan.FromSeconds(30)), ScriptedClient.Answers), two = new("two", _clock);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), ResilientClient.Route("strong", ("one", one), ("two", two)));

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("two answers", (await client.AskAsync("question", streaming: false)).Text);
        }

        Assert.Equal((1, 10), (one.Calls, two.Calls));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await client.AskAsync("question", streaming: false);
        await client.AskAsync("question", streaming: false);
        Assert.Equal(2, one.Calls);
    }

    [Fact]
    public async Task The_state_of_a_provider_goes_back_to_the_deployment_that_made_it()
    {
        ScriptedClient one = new("one", _clock), two = new("two", _clock);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), ResilientClient.Route("strong", ("one", one), ("two", two)), new ModelRoute("weak", new ScriptedClient("weak", _clock)));
        ChatResponse first = await client.AskAsync("question", streaming: false);

        for (int i = 0; i < 5; i++)
        {
            ChatResponse next = await client.AskAsync("go on", streaming: i % 2 == 0, new() { ConversationId = first.ConversationId });
            Assert.Equal(first.GetRouteOutcome()!.Deployment, next.GetRouteOutcome()!.Deployment);
            Assert.Equal(RouteReasons.ProviderState, next.GetRouteOutcome()!.Reason);
        }

        Assert.Equal((6, 0), (one.Calls, two.Calls));
    }

    [Fact]
    public async Task The_state_of_a_provider_finds_its_deployment_again_after_a_restart()
    {
        var store = new MemoryConversationStore();
        ScriptedClient one = new("one", _clock), two = new("two", _clock);
        for (int start = 0; start < 4; start++)
        {
            ModelRoute route = ResilientClient.Route("strong", ("one", one), ("two", two));
            using var client = new RoutedChatClient(
                [route], new ThresholdPolicy(route, route, new FakeRouter(1), new() { Threshold = 0.5 }), new() { Conversations = new() { Store = store } }, timeProvider: _clock);

            // Each start begins its turns with the first deployment; only what is stored can lead to the second.
            if (start == 0)
            {
                await client.AskAsync("first", streaming: false);
                await client.AskAsync("second", streaming: true);
            }
            else
            {
                Assert.Equal("two answers", (await client.AskAsync("go on", streaming: start % 2 == 0, new() { ConversationId = "conversation of two" })).Text);
            }
        }

        Assert.Equal((1, 4), (one.Calls, two.Calls));
    }

    [Fact]
    public async Task The_state_of_a_deployment_that_is_gone_may_go_to_any_other_of_its_route()
    {
        ScriptedClient one = new("one", _clock), two = new("two", _clock);
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), ResilientClient.Route("strong", ("one", one)));
        await client.AskAsync("question", streaming: false);
        ModelRoute changed = ResilientClient.Route("strong", ("two", two));
        client.Follow(new([changed], new ThresholdPolicy(changed, changed, new FakeRouter(1), new() { Threshold = 0.5 }), new() { Resilience = new() }, timeProvider: _clock));

        Assert.Equal("two answers", (await client.AskAsync("go on", streaming: false, new() { ConversationId = "conversation of one" })).Text);
    }

    [Fact]
    public async Task Each_deployment_gets_its_own_model_id_or_that_of_the_route()
    {
        ScriptedClient one = new("one", _clock), two = new("two", _clock);
        var route = new ModelRoute("strong", [new("one", one) { ModelId = "gpt-in-sweden" }, new("two", two)]) { ModelId = "gpt" };
        using RoutedChatClient client = ResilientClient.Create(_clock, new(), route);

        RouteOutcome outcome = (await client.AskAsync("question", streaming: false)).GetRouteOutcome()!;
        await client.AskAsync("question", streaming: false, new() { Temperature = 0 });

        Assert.Equal("gpt-in-sweden", outcome.ModelId);
        Assert.Equal(["gpt-in-sweden"], one.ModelIds);
        Assert.Equal(["gpt"], two.ModelIds);
    }

    [Fact]
    public void Deployments_that_are_owned_are_disposed_with_the_client()
    {
        ScriptedClient owned = new("owned", _clock), lent = new("lent", _clock);
        RoutedChatClient client = ResilientClient.Create(_clock, new(), new ModelRoute("strong", [new("lent", lent) { OwnsClient = false }, new("owned", owned)]));

        client.Dispose();

        Assert.Equal((true, false), (owned.Disposed, lent.Disposed));
    }

    [Fact]
    public void A_route_says_what_is_wrong_with_its_deployments()
    {
        var model = new ScriptedClient("model", _clock);
        Assert.Contains("no deployments", Assert.Throws<ArgumentException>(() => new ModelRoute("strong", [])).Message, StringComparison.Ordinal);
        Assert.Contains("named 'one'", Assert.Throws<ArgumentException>(() => ResilientClient.Route("strong", ("one", model), ("one", model))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ModelDeployment("one", model) { Weight = 0 });
    }

    [Fact]
    public async Task An_outcome_keeps_its_deployments_when_it_is_read_back_from_a_cache()
    {
        using RoutedChatClient client = ResilientClient.Create(
            _clock, new(), ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock, ScriptedClient.Fails(503))), ("two", new ScriptedClient("two", _clock))));
        ChatResponse response = await client.AskAsync("question", streaming: false);

        string json = System.Text.Json.JsonSerializer.Serialize(response, AIJsonUtilities.DefaultOptions);
        RouteOutcome replay = System.Text.Json.JsonSerializer.Deserialize<ChatResponse>(json, AIJsonUtilities.DefaultOptions)!.GetRouteOutcome()!;

        Assert.True(replay.IsReplay);
        Assert.Equal("two", replay.Deployment);
        Assert.Equal(["one", "two"], replay.Attempts.Select(attempt => attempt.Deployment));
        Assert.False(replay.FailedOver);
    }

    [Fact]
    public async Task A_gate_that_refuses_a_route_gives_its_deployment_back()
    {
        ModelRoute strong = ResilientClient.Route("strong", ("one", new ScriptedClient("one", _clock))), weak = new("weak", new ScriptedClient("weak", _clock));
        var options = new RoutedChatClientOptions { Resilience = new() };
        options.Gates.Add(new Refusing("strong"));
        using var client = new RoutedChatClient([strong, weak], new ThresholdPolicy(strong, weak, new FakeRouter(1), new() { Threshold = 0.5 }), options, timeProvider: _clock);

        Assert.Equal("weak answers", (await client.AskAsync("question", streaming: false)).Text);
        Assert.All(client.GetService<DeploymentHealth>()!.GetStatuses(), status => Assert.Equal(0, status.CallsUnderWay));
    }

    private sealed class Refusing(string route) : IRouteGate
    {
        public ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default) =>
            new(attempt.Route.Name == route ? RouteAdmission.Refuse(new(route, "budget", "none left")) : RouteAdmission.Granted);
    }
}
