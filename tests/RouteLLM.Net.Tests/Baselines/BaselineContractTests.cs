namespace RouteLLM.Tests.Baselines;

/// <summary>What every baseline promises as a router.</summary>
public class BaselineContractTests
{
    private static readonly Dictionary<string, IRouter> s_routers = new()
    {
        ["random"] = new RandomRouter(1),
        ["fixed"] = new FixedRouter(0.3),
        ["always-strong"] = FixedRouter.AlwaysStrong,
        ["always-weak"] = FixedRouter.AlwaysWeak,
        ["prompt-length"] = new PromptLengthRouter(),
        ["keyword"] = new KeywordRouter([new KeywordRule(0.9, "prove", "race condition")]),
        ["domain"] = new DomainRouter(),
        ["delegate"] = new DelegateRouter(static _ => 0.5),
        ["scripted"] = new ScriptedRouter(0.5) { AtEnd = ScriptEnd.Cycle },
    };

    public static TheoryData<string> Names { get; } = [.. s_routers.Keys];

    /// <summary>The scripted router keeps the requests it sees.</summary>
    public static TheoryData<string> NamesThatKeepNothing { get; } = [.. s_routers.Keys.Where(static name => name != "scripted")];

    [Theory]
    [MemberData(nameof(Names))]
    public void It_answers_for_itself_and_for_its_metadata_and_to_no_key(string name)
    {
        IRouter router = s_routers[name];
        Assert.Same(router, router.GetService(router.GetType()));
        Assert.Same(router, router.GetService<IRouter>());
        Assert.Equal(name, router.GetService<RouterMetadata>()!.Name);
        Assert.Null(router.GetService<RouterMetadata>("key"));
        Assert.Null(router.GetService(router.GetType(), "key"));
        Assert.Null(router.GetService(typeof(string)));
        Assert.Throws<ArgumentNullException>(() => router.GetService(null!));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Only_distributions_that_are_known_are_given(string name) =>
        Assert.Equal(name is "random" or "fixed" or "always-strong" or "always-weak", s_routers[name].GetService<ScoreQuantiles>() is not null);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task It_completes_at_once_and_a_cancelled_token_cancels(string name)
    {
        Assert.True(s_routers[name].ScoreAsync("Prove it, with a race condition.").IsCompletedSuccessfully);
        Task<double> cancelled = s_routers[name].PredictWinProbabilityAsync("x", new CancellationToken(canceled: true)).AsTask();
        Assert.True(cancelled.IsCanceled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_missing_request_is_the_callers_fault(string name) =>
        await Assert.ThrowsAsync<ArgumentNullException>(() => s_routers[name].ScoreAsync((RouteRequest)null!));

    [Theory]
    [MemberData(nameof(NamesThatKeepNothing))]
    public async Task Scoring_allocates_nothing(string name)
    {
        IRouter router = s_routers[name];
        RouteRequest[] requests = [new("Why does this lock-free queue lose items? race\ncondition?"), new("hi"), new("x^2 + y^2 = z^2 を証明して"), new(new string('a', 5000))];
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        long allocated = 0;
        for (int round = 0; round < 2; round++)
        {
            // The first round is for what is made once.
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (RouteRequest request in requests)
            {
                await router.PredictWinProbabilityAsync(request, cancellationToken);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
