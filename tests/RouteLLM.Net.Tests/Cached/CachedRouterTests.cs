using Microsoft.Extensions.AI;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace RouteLLM.Tests.Cached;

/// <summary>Scores of prompts that come again are found in a cache.</summary>
public sealed class CachedRouterTests : IDisposable
{
    private readonly ServiceProvider _provider;
    private readonly SharedCache _distributed = new();
    private readonly RouterMetadata _trained = new("trained", "big", "small", "hash 1");
    private int _asked;

    public CachedRouterTests() => _provider = Services();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private HybridCache Cache => _provider.GetRequiredService<HybridCache>();

    public void Dispose() => _provider.Dispose();

    [Fact]
    public async Task A_prompt_that_comes_again_is_not_scored_again_and_gives_the_same_score_to_the_last_bit()
    {
        double score = 1 / 3.0;
        var router = new CachedRouter(Counting(score), Cache);

        Assert.Equal(score, await router.PredictWinProbabilityAsync("a", Cancel));
        Assert.Equal(score, await router.PredictWinProbabilityAsync("a", Cancel));
        Assert.Equal(1, _asked);
        await router.PredictWinProbabilityAsync("b", Cancel);
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task A_score_is_cached_never_a_decision()
    {
        using var client = new RoutedChatClient(TestChatClient.Answering("strong"), TestChatClient.Answering("weak"), new CachedRouter(Counting(0.5), Cache), new() { Threshold = 0.4 });
        Assert.Equal("strong", await Ask(new()));
        Assert.Equal("weak", await Ask(new ChatOptions().SetRoutingThreshold(0.6)));
        Assert.Equal(1, _asked);

        async Task<string> Ask(ChatOptions options) => (await client.GetResponseAsync("prompt", options, Cancel)).GetRouteOutcome()!.Route;
    }

    [Fact]
    public async Task Routers_artifacts_and_versions_do_not_share_scores()
    {
        IRouter[] routers =
        [
            new CachedRouter(Counting(0.1), Cache),
            new CachedRouter(Counting(0.2, new("trained", "big", "small", "hash 2")), Cache),
            new CachedRouter(Counting(0.3, new("trained", "big", "other", "hash 1")), Cache),
            new CachedRouter(Counting(0.4, new("other", "big", "small", "hash 1")), Cache),
            new CachedRouter(Counting(0.5), Cache, new() { Version = "2" }),
        ];
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < routers.Length; i++)
            {
                Assert.Equal((i + 1) / 10.0, await routers[i].PredictWinProbabilityAsync("same", Cancel));
            }
        }

        Assert.Equal(routers.Length, _asked);
    }

    [Fact]
    public async Task Another_process_finds_the_score_of_a_trained_router_but_not_of_one_without_hash_and_version()
    {
        await using ServiceProvider other = Services();
        HybridCache second = other.GetRequiredService<HybridCache>();

        await new CachedRouter(Counting(0.3), Cache).PredictWinProbabilityAsync("prompt", Cancel);
        Assert.Equal(0.3, await new CachedRouter(Counting(0.9), second).PredictWinProbabilityAsync("prompt", Cancel));

        var unversioned = new RouterMetadata("code");
        await new CachedRouter(Counting(0.3, unversioned), Cache).PredictWinProbabilityAsync("prompt", Cancel);
        Assert.Equal(0.9, await new CachedRouter(Counting(0.9, unversioned), second).PredictWinProbabilityAsync("prompt", Cancel));

        await new CachedRouter(Counting(0.3, unversioned), Cache, new() { Version = "1" }).PredictWinProbabilityAsync("prompt", Cancel);
        Assert.Equal(0.3, await new CachedRouter(Counting(0.9, unversioned), second, new() { Version = "1" }).PredictWinProbabilityAsync("prompt", Cancel));
    }

    [Fact]
    public async Task Those_who_ask_at_once_share_one_question()
    {
        var proceed = new TaskCompletionSource<double>();
        var router = new CachedRouter(
            new FakeRouter((_, _) =>
            {
                Interlocked.Increment(ref _asked);
                return new(proceed.Task);
            }, metadata: _trained), Cache);
        Task<double>[] asking = [.. Enumerable.Range(0, 20).Select(_ => router.PredictWinProbabilityAsync("prompt", Cancel).AsTask())];
        proceed.SetResult(0.25);

        Assert.All(await Task.WhenAll(asking), score => Assert.Equal(0.25, score));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_failure_is_the_routers_own_and_is_not_cached()
    {
        bool fails = true;
        var router = new CachedRouter(new FakeRouter((_, _) => ++_asked > 0 && fails ? throw new HttpRequestException("down") : new(0.5), metadata: _trained), Cache);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await router.PredictWinProbabilityAsync("prompt", Cancel));
        Assert.Equal(1, _asked);

        fails = false;
        Assert.Equal(0.5, await router.PredictWinProbabilityAsync("prompt", Cancel));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Where_the_cache_fails_the_router_is_asked()
    {
        var router = new CachedRouter(Counting(0.5), new BrokenCache());
        Assert.Equal(0.5, await router.PredictWinProbabilityAsync("prompt", Cancel));
        Assert.Equal([0.5, 0.5], await router.PredictWinProbabilitiesAsync(["a", "b"], Cancel));
    }

    [Fact]
    public async Task A_batch_asks_for_what_is_missing_only_and_as_one_batch()
    {
        var batches = new List<int>();
        var router = new CachedRouter(new BatchRouter(batches, _trained), Cache);
        await router.PredictWinProbabilityAsync("0.2", Cancel);

        Assert.Equal([0.1, 0.2, 0.3], await router.PredictWinProbabilitiesAsync(["0.1", "0.2", "0.3"], Cancel));
        Assert.Equal([0.3, 0.1], await router.PredictWinProbabilitiesAsync(["0.3", "0.1"], Cancel));
        Assert.Equal([2], batches);
        Assert.Equal(0.3, await router.PredictWinProbabilityAsync("0.3", Cancel));
    }

    [Fact]
    public async Task The_cluster_that_a_router_found_is_remembered_with_its_score()
    {
        var router = new CachedRouter(
            new FakeRouter((request, _) =>
            {
                request.Cluster = 7;
                return new(0.5);
            }, metadata: _trained), Cache);
        RouteRequest first = new("prompt"), second = new("prompt");
        await router.PredictWinProbabilityAsync(first, Cancel);
        await router.PredictWinProbabilityAsync(second, Cancel);

        Assert.Equal((7, 7), (first.Cluster, second.Cluster));
    }

    [Fact]
    public async Task No_key_holds_the_prompt()
    {
        var keys = new RecordingCache();
        await new CachedRouter(Counting(0.5), keys).PredictWinProbabilityAsync("a secret", Cancel);
        Assert.DoesNotContain("secret", Assert.Single(keys.Keys), StringComparison.Ordinal);
    }

    private FakeRouter Counting(double score, RouterMetadata? metadata = null) => new(
        (_, _) =>
        {
            Interlocked.Increment(ref _asked);
            return new(score);
        }, metadata: metadata ?? _trained);

    private ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddSingleton<IDistributedCache>(_distributed);
        services.AddHybridCache();
        return services.BuildServiceProvider();
    }

    private sealed class BatchRouter(List<int> batches, RouterMetadata metadata) : IBatchRouter
    {
        public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default) =>
            new(double.Parse(request.Prompt, System.Globalization.CultureInfo.InvariantCulture));

        public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
        {
            batches.Add(requests.Count);
            return await Task.WhenAll(requests.Select(request => PredictWinProbabilityAsync(request, cancellationToken).AsTask()));
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => serviceType == typeof(RouterMetadata) ? metadata : null;
    }

    /// <summary>A type of its own, for a hybrid cache takes the plain one for no second level at all.</summary>
    private sealed class SharedCache() : MemoryDistributedCache(Options.Create(new MemoryDistributedCacheOptions()));

    private class BrokenCache : HybridCache
    {
        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new IOException("The cache is down.");

        public override ValueTask SetAsync<T>(string key, T value, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default) =>
            throw new IOException("The cache is down.");

        public override ValueTask RemoveAsync(string key, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public override ValueTask RemoveByTagAsync(string tag, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    private sealed class RecordingCache : BrokenCache
    {
        public List<string> Keys { get; } = [];

        public override ValueTask<T> GetOrCreateAsync<TState, T>(
            string key, TState state, Func<TState, CancellationToken, ValueTask<T>> factory, HybridCacheEntryOptions? options = null, IEnumerable<string>? tags = null, CancellationToken cancellationToken = default)
        {
            Keys.Add(key);
            return factory(state, cancellationToken);
        }
    }
}
