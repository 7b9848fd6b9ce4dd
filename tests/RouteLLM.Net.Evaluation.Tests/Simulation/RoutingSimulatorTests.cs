using System.Globalization;
using CsCheck;

namespace RouteLLM.Evaluation.Tests;

public class RoutingSimulatorTests
{
    private static readonly SimulationOptions s_options = new() { Thresholds = [0.5], StrongPrice = new TokenPrice(10, 30), WeakPrice = new TokenPrice(1, 3) };

    [Fact]
    public async Task A_log_without_prompts_is_compared_with_other_thresholds_and_what_moves_is_counted_and_priced()
    {
        LoggedDecision[] log =
        [
            Decision("strong", 0.9) with { InputTokens = 1000, OutputTokens = 100, Cost = 0.014, Latency = 800, Reward = 1 },
            Decision("strong", 0.4) with { InputTokens = 2000, OutputTokens = 200, Cost = 0.026, Latency = 1200, Reward = 0.5 },
            Decision("weak", 0.6) with { InputTokens = 1000, OutputTokens = 100, Latency = 200, Reward = 0 },
            Decision("weak", 0.1) with { InputTokens = 1000, OutputTokens = 100, Latency = 400, Reward = 0.8 },
        ];

        RoutingSimulation simulation = await ReplayAsync(log, null, s_options);

        SimulatedPoint point = Assert.Single(simulation.Points);
        Assert.Equal((0.5, 0.5, 1, 1), (point.Threshold, point.StrongShare, point.MovedToStrong, point.MovedToWeak));

        // Logged 0.014; moved to weak 2000 * 1 + 200 * 3; moved to strong 1000 * 10 + 100 * 30; stays weak 1000 * 1 + 100 * 3, in millionths.
        Assert.Equal((0.014 + 0.0026 + 0.013 + 0.0013) / 4, point.Cost!.Mean, 12);
        Assert.Equal((2, 2, 0), (point.Cost.Measured, point.Cost.Estimated, point.Cost.Unknown));

        // A moved request takes as long as those that went there did in the mean.
        Assert.Equal((800 + 300 + 1000 + 400) / 4.0, point.Latency!.Mean, 12);

        // What the other answer would have earned is not known.
        Assert.Equal(new SimulatedMean(0.9, 2, 0, 2), point.Quality);

        Assert.Equal((null, 4, 4, 0), (simulation.Router, simulation.Requests, simulation.Logged, simulation.Fixed));
        Assert.Equal((0.5, 0, 0), (simulation.AsLogged!.StrongShare, simulation.AsLogged.MovedToStrong, simulation.AsLogged.MovedToWeak));
        Assert.Equal((0.014 + 0.026 + 0.0013 + 0.0013) / 4, simulation.AsLogged.Cost!.Mean, 12);
        Assert.Equal(0.575, simulation.AsLogged.Quality!.Mean, 12);
        Assert.Equal((0.014 + 0.026 + 0.013 + 0.013) / 4, simulation.AlwaysStrong.Cost!.Mean, 12);
        Assert.Equal(1 - (0.0309 / 0.066), simulation.CostSaved(point)!.Value, 12);
        Assert.Contains(simulation.Notes, static note => note.Contains("log must hold prompts", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_with_prompts_can_go_through_another_router()
    {
        LoggedDecision[] log = [Decision("strong", 0.9) with { Prompt = "easy" }, Decision("weak", 0.1) with { Prompt = "hard" }, Decision("weak", 0.1)];

        RoutingSimulation simulation = await ReplayAsync(log, Hard(), s_options);

        SimulatedPoint point = simulation.Points[0];
        Assert.Equal(("hard", 2, 1), (simulation.Router, simulation.Requests, simulation.Unscored));
        Assert.Equal((0.5, 1, 1), (point.StrongShare, point.MovedToStrong, point.MovedToWeak));
        Assert.Equal([("hard", 0.8, true), ("easy", 0.2, false)], point.Examples.Select(static example => (example.Prompt, example.WinProbability, example.ToStrong)));
    }

    [Fact]
    public async Task What_was_pinned_stays_whatever_the_threshold()
    {
        LoggedDecision pinned = Decision("strong", 0.1) with { Prompt = "easy", Properties = new Dictionary<string, string> { ["reason"] = RouteReasons.Pinned } };
        LoggedDecision failed = new() { Route = "strong", Prompt = "easy", Properties = new Dictionary<string, string> { ["reason"] = RouteReasons.RouterFailed } };

        RoutingSimulation logged = await ReplayAsync([pinned, failed, Decision("weak", 0.2)], null, s_options);
        RoutingSimulation rescored = await ReplayAsync([pinned, failed], Hard(), s_options);

        // Where a router failed, only another one can decide.
        Assert.Equal((2, 2.0 / 3, 0), (logged.Fixed, logged.Points[0].StrongShare, logged.Points[0].MovedToWeak));
        Assert.Equal((1, 0.5, 1), (rescored.Fixed, rescored.Points[0].StrongShare, rescored.Points[0].MovedToWeak));
    }

    [Fact]
    public async Task Routes_of_other_names_are_left_out_and_without_a_route_the_logged_numbers_say_which_way_it_went()
    {
        RoutingSimulation simulation = await ReplayAsync(
            [Decision("third", 0.9), Decision(null, 0.9) with { Threshold = 0.95 }, Decision(null, 0.9), Decision("gpt", 0.1), new LoggedDecision()], null, s_options with { Strong = "gpt", Weak = "mini" });

        Assert.Equal((1, 1, 3, 2), (simulation.OtherRoutes, simulation.Unscored, simulation.Requests, simulation.Logged));
        Assert.Equal((1, 1), (simulation.Points[0].MovedToStrong, simulation.Points[0].MovedToWeak));
        Assert.Equal(3, simulation.Notes.Count(static note => note.Contains("requests", StringComparison.Ordinal) && note.Any(char.IsDigit)));
    }

    [Fact]
    public async Task Tokens_are_estimated_from_the_length_if_answers_are_assumed_to_have_some_and_else_costs_are_the_means_of_each_route()
    {
        LoggedDecision[] log = [Decision("weak", 0.9) with { QueryLength = 4000 }, Decision("strong", 0.9) with { Prompt = new string('x', 400) }];

        RoutingSimulation without = await ReplayAsync(log, null, s_options);
        RoutingSimulation with = await ReplayAsync(log, null, s_options with { OutputTokens = 100 });
        RoutingSimulation means = await ReplayAsync([Decision("weak", 0.9) with { Cost = 1 }, Decision("strong", 0.9) with { Cost = 4 }, Decision("strong", 0.9) with { Cost = 8 }], null, new() { Thresholds = [0.5] });

        Assert.Null(without.Points[0].Cost);
        Assert.Null(without.CostSaved(without.Points[0]));
        Assert.Equal(((1000 * 10) + (100 * 10) + (200 * 30)) / 2e6, with.Points[0].Cost!.Mean, 12);
        Assert.Equal((0, 2), (with.Points[0].Cost!.Measured, with.Points[0].Cost!.Estimated));
        Assert.Equal(new SimulatedMean(6, 2, 1, 0), means.Points[0].Cost);
    }

    [Fact]
    public async Task Rows_with_scores_costs_and_latencies_give_all_of_them()
    {
        EvaluationRow[] rows =
        [
            new() { Id = "1", Prompt = "hard", Scores = Of(1, 0), Costs = Of(0.02, 0.001), Latencies = Of(900, 100) },
            new() { Id = "2", Prompt = "easy", Scores = Of(1, 0.5), Tokens = new Dictionary<string, TokenUsage> { ["strong"] = new(1000, 100), ["weak"] = new(1000, 100, 500) }, Latencies = Of(500, 300) },
        ];

        RoutingSimulation simulation = await RoutingSimulator.SimulateAsync(rows, Hard(), s_options, TestContext.Current.CancellationToken);

        SimulatedPoint point = simulation.Points[0];
        Assert.Equal((0.5, 0.75, 600), (point.StrongShare, point.Quality!.Mean, point.Latency!.Mean));
        Assert.Equal((0.02 + 0.0013) / 2, point.Cost!.Mean, 12);
        Assert.Equal((2, 0, 0), (point.Cost.Measured, point.MovedToStrong, simulation.Logged));
        Assert.Equal((1, 0.25), (simulation.AlwaysStrong.Quality!.Mean, simulation.AlwaysWeak.Quality!.Mean));
        Assert.Null(simulation.AsLogged);
        Assert.Empty(simulation.Notes);
    }

    [Fact]
    public async Task The_examples_are_those_furthest_beyond_the_threshold()
    {
        LoggedDecision[] log = [.. Enumerable.Range(0, 100).Select(static i => Decision("weak", i / 100.0) with { Prompt = i.ToString(CultureInfo.InvariantCulture) })];

        RoutingSimulation simulation = await ReplayAsync(log, null, s_options with { Examples = 3 });

        Assert.Equal(["99", "98", "97"], simulation.Points[0].Examples.Select(static example => example.Prompt));
        Assert.Equal(50, simulation.Points[0].MovedToStrong);
        Assert.Empty((await ReplayAsync(log, null, s_options with { Examples = 0 })).Points[0].Examples);
    }

    [Fact]
    public void A_strong_share_is_reached_on_the_traffic_it_is_asked_for()
    {
        Gen.Select(Gen.Double[0, 1].Array[20, 200], Gen.Double[0, 1]).Sample((scores, share) =>
        {
            LoggedDecision[] log = [.. scores.Select(static score => Decision("weak", score))];
            SimulatedPoint point = ReplayAsync(log, null, new() { StrongShares = [share] }).GetAwaiter().GetResult().Points[0];

            Assert.Equal(share, point.WantedStrongShare);
            Assert.InRange(point.StrongShare, share - (1.0 / scores.Length), share + ((1.0 + scores.Length - scores.Distinct().Count()) / scores.Length));
            Assert.Equal(scores.Count(score => score >= point.Threshold), point.MovedToStrong);
        });
    }

    [Fact]
    public async Task Requests_that_stay_count_in_a_strong_share()
    {
        LoggedDecision pinned = Decision("strong", 0.1) with { Properties = new Dictionary<string, string> { ["reason"] = RouteReasons.ToolResult } };
        LoggedDecision[] log = [.. Enumerable.Repeat(pinned, 20), .. Enumerable.Range(0, 80).Select(static i => Decision("weak", i / 80.0))];

        RoutingSimulation simulation = await ReplayAsync(log, null, new() { StrongShares = [0.3, 0.1, 1] });

        Assert.Equal([0.3, 0.2, 1], simulation.Points.Select(static point => point.StrongShare));
        Assert.Equal(0.3, (await ReplayAsync([pinned], null, new() { StrongShares = [0.3] })).Points[0].WantedStrongShare);
    }

    [Fact]
    public async Task A_log_file_is_read_twice_for_strong_shares_and_what_cannot_be_is_refused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("log.jsonl", string.Concat(Enumerable.Range(0, 10).Select(static i => string.Create(CultureInfo.InvariantCulture, $"{{\"route\":\"weak\",\"win_probability\":{i / 10.0}}}\n"))));
        var options = new SimulationOptions { StrongShares = [0.2] };

        Assert.Equal(0.2, (await ReplayAsync(DecisionLogReader.ReadFile(path), null, options)).Points[0].StrongShare);
        using StreamReader reader = File.OpenText(path);
        EvaluationException error = await Assert.ThrowsAsync<EvaluationException>(() => ReplayAsync(DecisionLogReader.Read(reader, "log"), null, options));
        Assert.Contains("10 requests at first and 0", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_simulated_is_refused_with_what_to_do()
    {
        Assert.Contains("no requests", await Refused([], null), StringComparison.Ordinal);
        Assert.Contains("leave the router out", await Refused([Decision("weak", 0.2)], Hard()), StringComparison.Ordinal);
        Assert.Contains("name the routes", await Refused([Decision("third", 0.2)], null), StringComparison.Ordinal);
        Assert.Contains("win probability or a route", await Refused([new LoggedDecision()], null), StringComparison.Ordinal);
        Assert.Contains("log.jsonl, line 7", await Refused([Decision("weak", 0.2) with { Prompt = "p", Origin = new RowOrigin("log.jsonl", 7) }], new DelegateRouter(static _ => double.NaN)), StringComparison.Ordinal);

        await Assert.ThrowsAsync<ArgumentException>(() => ReplayAsync([], null, new()));
        await Assert.ThrowsAsync<ArgumentException>(() => ReplayAsync([], null, new() { Thresholds = [double.NaN] }));
        await Assert.ThrowsAsync<ArgumentException>(() => ReplayAsync([], null, s_options with { Weak = "strong" }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplayAsync([], null, new() { StrongShares = [1.5] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplayAsync([], null, s_options with { CharactersPerToken = 0 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReplayAsync([], null, s_options with { OutputTokens = -1 }));

        static async Task<string> Refused(LoggedDecision[] log, IRouter? router) => (await Assert.ThrowsAsync<EvaluationException>(() => ReplayAsync(log, router, s_options))).Message;
    }

    private static DelegateRouter Hard() => new(static prompt => prompt == "hard" ? 0.8 : 0.2, "hard");

    private static Dictionary<string, double> Of(double strong, double weak) => new() { ["strong"] = strong, ["weak"] = weak };

    private static LoggedDecision Decision(string? route, double probability) => new() { Route = route, WinProbability = probability };

    private static Task<RoutingSimulation> ReplayAsync(IEnumerable<LoggedDecision> log, IRouter? router, SimulationOptions options) =>
        RoutingSimulator.ReplayAsync(log, router, options, TestContext.Current.CancellationToken);
}
