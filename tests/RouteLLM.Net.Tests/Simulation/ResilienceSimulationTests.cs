using Microsoft.Extensions.AI;

namespace RouteLLM.Tests.Simulation;

public class ResilienceSimulationTests
{
    private static readonly string[] s_ends = ["answered", "rescued", "left", "cancelled", "broken off", nameof(RoutesFailedException)];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task No_answer_is_lost_doubled_or_mixed_up_in_chaos_and_the_same_seed_gives_the_same_run(int seed)
    {
        (SimulationReport first, Journal journal, DeploymentHealth health, int underWay) = await SimulateAsync(seed, callsPerCaller: 100);

        Assert.Empty(journal.Violations);
        Assert.Equal(6_400, first.Ends.Values.Sum());
        Assert.All(s_ends, end => Assert.True(first[end] > 5, $"{end}: {first}"));
        Assert.Equal(0, underWay);
        Assert.All(health.GetStatuses(), status => Assert.Equal(0, status.CallsUnderWay));

        (SimulationReport second, Journal again, _, _) = await SimulateAsync(seed, callsPerCaller: 100);
        Assert.Empty(again.Violations);
        Assert.Equal(first.ToString(), second.ToString());
        Assert.Equal(first.Fingerprint, second.Fingerprint);
    }

    [Fact]
    public async Task Another_seed_gives_another_run()
    {
        (SimulationReport one, _, _, _) = await SimulateAsync(seed: 1, callsPerCaller: 20);
        (SimulationReport two, _, _, _) = await SimulateAsync(seed: 2, callsPerCaller: 20);

        Assert.NotEqual(one.Fingerprint, two.Fingerprint);
    }

    [Fact]
    public async Task In_real_time_and_on_all_threads_no_answer_is_lost_doubled_or_mixed_up_either()
    {
        var journal = new Journal { MaxAttempts = 5 };
        var options = new SimulationOptions { CallsPerCaller = 50, Patience = TimeSpan.FromMilliseconds(10), Pause = TimeSpan.FromMilliseconds(10) };
        using RoutedChatClient client = MakeClient(seed: 5, TimeProvider.System, journal, scale: 0.01, out _);

        SimulationReport report = await new Simulation(client, journal, options, TimeProvider.System).RunAsync();

        Assert.Empty(journal.Violations);
        Assert.Equal(3_200, report.Ends.Values.Sum());
        Assert.True(report["answered"] > 1_000 && report["rescued"] > 100, report.ToString());
        Assert.All(client.GetService<DeploymentHealth>()!.GetStatuses(), status => Assert.Equal(0, status.CallsUnderWay));
    }

    [Fact]
    public async Task Cooldowns_save_nearly_all_calls_of_a_provider_that_is_down()
    {
        async Task<int> CallsOfTheOneThatIsDownAsync(CooldownOptions? cooldown)
        {
            var time = new SimulatedTime();
            var journal = new Journal();
            var down = new SimulatedProvider("down", new Chaos { Refused = 1 }, seed: 1, time, journal);
            var up = new SimulatedProvider("up", Chaos.Calm, seed: 1, time, journal);
            var route = new ModelRoute("model", [new("down", down), new("up", up)]);
            using var client = new RoutedChatClient(
                [route], new ThresholdPolicy(route, route, new FakeRouter(1), new() { Threshold = 0.5 }), new() { Resilience = new() { Cooldown = cooldown } }, timeProvider: time);

            SimulationReport report = await new Simulation(client, journal, new() { Cancelled = 0, LeftEarly = 0 }, time).RunAsync(time);

            Assert.Empty(journal.Violations);
            Assert.Equal(6_400, report["answered"] + report["rescued"]);
            return (int)journal.Calls - 6_400;
        }

        int without = await CallsOfTheOneThatIsDownAsync(null), with = await CallsOfTheOneThatIsDownAsync(new());

        Assert.InRange(without, 3_000, 3_400);
        Assert.InRange(with, 1, 100);
    }

    private static async Task<(SimulationReport Report, Journal Journal, DeploymentHealth Health, int UnderWay)> SimulateAsync(int seed, int callsPerCaller)
    {
        var time = new SimulatedTime();
        var journal = new Journal { MaxAttempts = 5 };
        using RoutedChatClient client = MakeClient(seed, time, journal, scale: 1, out SimulatedProvider[] providers);
        SimulationReport report = await new Simulation(client, journal, new() { Seed = seed, CallsPerCaller = callsPerCaller }, time).RunAsync(time);
        return (report, journal, client.GetService<DeploymentHealth>()!, providers.Sum(provider => provider.UnderWay));
    }

    /// <summary>Makes a client of two models, the strong one in three places, with everything switched on.</summary>
    private static RoutedChatClient MakeClient(int seed, TimeProvider clock, Journal journal, double scale, out SimulatedProvider[] providers)
    {
        Chaos wild = Chaos.Wild.Scaled(scale);
        SimulatedProvider one = new("one", wild, seed, clock, journal), two = new("two", wild, seed, clock, journal),
            unsteady = new("unsteady", wild with { Outage = 0.3 }, seed, clock, journal), weak = new("weak", wild, seed, clock, journal);
        providers = [one, two, unsteady, weak];
        ModelRoute strongRoute = new("strong", [new("one", one), new("two", two) { Weight = 2 }, new("unsteady", unsteady)]), weakRoute = new("weak", weak);
        var random = new Random(seed);
        var resilience = new ResilienceOptions
        {
            MaxAttempts = 5,
            AttemptTimeout = TimeSpan.FromSeconds(5) * scale,

            // Ends streams that hang. Too long to end a pause or a hedge's delay, after which Polly would go on on another thread.
            TotalTimeout = TimeSpan.FromSeconds(60) * scale,
            HedgeDelay = TimeSpan.FromSeconds(1) * scale,
            RetryDelay = TimeSpan.FromSeconds(0.5) * scale,
            MaxRetryDelay = TimeSpan.FromSeconds(5) * scale,
            Balancing = LoadBalancing.LeastBusy,
            Cooldown = new() { Period = TimeSpan.FromSeconds(2) * scale, MaxPeriod = TimeSpan.FromSeconds(20) * scale },
            NextRandom = () =>
            {
                lock (random)
                {
                    return random.NextDouble();
                }
            },
        };
        if (scale == 1)
        {
            // Polly's breaker takes no shorter times.
            resilience.CircuitBreaker = new();
        }

        var router = new FakeRouter((request, _) => new(Seeds.Of(request.Prompt) % 2 == 0 ? 1 : 0));
        return new([strongRoute, weakRoute], new ThresholdPolicy(strongRoute, weakRoute, router, new() { Threshold = 0.5 }), new() { Resilience = resilience }, timeProvider: clock);
    }
}
