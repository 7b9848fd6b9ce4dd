using Microsoft.Extensions.Time.Testing;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.Mixture;

public class MixtureFailureTests
{
    private static readonly DelegateRouter s_throwing = new((string _) => throw new FormatException("broken"), "throwing");
    private static readonly DelegateRouter s_throwingLater = new(ThrowLaterAsync, "throwing-later");
    private static readonly DelegateRouter s_nonsense = new(static _ => 1.5, "nonsense");

    public static TheoryData<string, Type> Failing { get; } = new() { { "throwing", typeof(FormatException) }, { "throwing-later", typeof(FormatException) }, { "nonsense", typeof(InvalidOperationException) } };

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task By_default_a_failing_part_fails_the_mixture(string name, Type error)
    {
        var router = new MixtureRouter([new(new FixedRouter(0.9), 0.5), new(Find(name), 0.5), new(new FixedRouter(0.2), 0.5)]);
        Assert.IsType(error, await Record.ExceptionAsync(() => router.ScoreAsync("hi")));
        Assert.IsType(error, await Record.ExceptionAsync(async () => await router.PredictWinProbabilitiesAsync(["a", "b"], TestContext.Current.CancellationToken)));
    }

    [Theory]
    [MemberData(nameof(Failing))]
    public async Task A_part_may_be_left_out_with_the_other_weights_scaled_up(string name, Type error)
    {
        var leftOut = new List<(string, Type)>();
        var router = new MixtureRouter([new(new FixedRouter(0.9), 0.25), new(Find(name), 0.5), new(new FixedRouter(0.2), 0.25)], 0.3)
        {
            LeaveOutFailures = true,
            PartLeftOut = (part, exception) => leftOut.Add((part.Router.GetService<RouterMetadata>()!.Name, exception.GetType())),
        };
        double expected = await new MixtureRouter([new(new FixedRouter(0.9), 0.5), new(new FixedRouter(0.2), 0.5)], 0.3).ScoreAsync("hi");

        Assert.Equal(expected, await router.ScoreAsync("hi"), 1e-12);
        Assert.Equal([(name, error)], leftOut);
        Assert.All(await router.PredictWinProbabilitiesAsync(["a", "b"], TestContext.Current.CancellationToken), score => Assert.Equal(expected, score, 1e-12));
    }

    [Fact]
    public async Task With_no_part_left_the_mixture_fails_and_says_why()
    {
        var router = new MixtureRouter([new(s_throwing, 1), new(FixedRouter.AlwaysStrong, 0)]) { LeaveOutFailures = true };
        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => router.ScoreAsync("hi"));
        Assert.IsType<FormatException>(error.InnerException);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task A_part_that_exceeds_its_time_limit_failed_and_is_told_to_stop(bool leaveOut, bool asBatch)
    {
        var clock = new FakeTimeProvider();
        var asked = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        var hanging = new DelegateRouter(
            async (_, token) =>
            {
                token.Register(stopped.SetResult);
                asked.SetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return 1;
            },
            "hanging");
        var router = new MixtureRouter([new(hanging, 0.5), new(new FixedRouter(0.7), 0.5)], timeProvider: clock) { LeaveOutFailures = leaveOut, PartTimeLimit = TimeSpan.FromSeconds(1) };
        Task<double> score = asBatch
            ? Task.Run(async () => (await router.PredictWinProbabilitiesAsync(["hi"], TestContext.Current.CancellationToken))[0], TestContext.Current.CancellationToken)
            : router.ScoreAsync("hi");
        await asked.Task;
        while (!score.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        if (leaveOut)
        {
            Assert.Equal(0.7, await score, 1e-12);
        }
        else
        {
            Assert.Contains("'hanging'", (await Assert.ThrowsAsync<TimeoutException>(() => score)).Message, StringComparison.Ordinal);
        }

        await stopped.Task;
    }

    [Fact]
    public async Task The_first_failure_stops_the_other_parts_and_is_the_one_thrown()
    {
        var stopped = new TaskCompletionSource();
        var hanging = new DelegateRouter(async (_, token) =>
        {
            token.Register(stopped.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 1;
        });
        var router = new MixtureRouter([new(hanging, 0.5), new(s_throwingLater, 0.5)]);
        await Assert.ThrowsAsync<FormatException>(() => router.ScoreAsync("hi"));
        await stopped.Task;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancellation_is_no_failure_of_a_part(bool leaveOut)
    {
        using var source = new CancellationTokenSource();
        var hanging = new DelegateRouter(async (_, token) =>
        {
            await source.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 1;
        });
        var leftOut = new List<MixturePart>();
        var router = new MixtureRouter([new(hanging, 0.5), new(FixedRouter.AlwaysStrong, 0.5)]) { LeaveOutFailures = leaveOut, PartLeftOut = (part, _) => leftOut.Add(part) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilityAsync("hi", source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await router.PredictWinProbabilitiesAsync(["hi"], source.Token));
        Assert.Empty(leftOut);
    }

    private static DelegateRouter Find(string name) =>
        new[] { s_throwing, s_throwingLater, s_nonsense }.Single(router => router.GetService<RouterMetadata>()!.Name == name);

    private static async ValueTask<double> ThrowLaterAsync(RouteRequest request, CancellationToken cancellationToken)
    {
        await Task.Yield();
        throw new FormatException("broken");
    }
}
