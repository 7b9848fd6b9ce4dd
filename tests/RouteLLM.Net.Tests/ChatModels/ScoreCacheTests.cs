using CsCheck;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Tests.Baselines;

namespace RouteLLM.Tests.ChatModels;

public class ScoreCacheTests
{
    [Fact]
    public void What_it_gives_is_what_was_kept_and_it_never_holds_more_than_its_capacity() =>
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 30].Array[1, 200]).Sample((capacity, keys) =>
        {
            var cache = new ScoreCache(capacity);
            foreach (int key in keys)
            {
                if (cache.TryGet($"{key}", out double score))
                {
                    Assert.Equal(key, score);
                }
                else
                {
                    cache.Add($"{key}", key);
                    Assert.True(cache.TryGet($"{key}", out score) && score == key);
                }
            }

            Assert.InRange(Enumerable.Range(0, 31).Count(key => cache.TryGet($"{key}", out _)), 0, capacity + 1);
        });

    [Fact]
    public void What_is_asked_for_again_and_again_stays()
    {
        var cache = new ScoreCache(10);
        cache.Add("hot", 0.5);
        for (int i = 0; i < 1000; i++)
        {
            cache.Add($"{i}", 0);
            Assert.True(cache.TryGet("hot", out _));
        }

        Assert.False(cache.TryGet("0", out _));
    }

    [Fact]
    public async Task A_hybrid_cache_shares_scores_between_routers_and_holds_nothing_of_the_prompt()
    {
        var store = new RecordingStore();
        using ServiceProvider provider = new ServiceCollection().AddSingleton<IDistributedCache>(store).AddHybridCache().Services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        TestChatClient judge = Judging.Difficulty(7), other = Judging.Difficulty(1);

        Assert.Equal(0.5, await new JudgeRouter(judge, new() { Cache = cache }).ScoreAsync("a secret prompt"));
        Assert.Equal(0.5, await new JudgeRouter(other, new() { Cache = cache }).ScoreAsync("a secret prompt"));
        Assert.Empty(other.Calls);

        // The score is made of the cached difficulty, so a scale can be changed without asking anew.
        double[] scale = [0, 0, 0, 0, 0, 0, 0.9, 1, 1, 1];
        Assert.Equal(0.9, await new JudgeRouter(other, new() { Cache = cache, WinProbabilities = scale }).ScoreAsync("a secret prompt"));
        Assert.Empty(other.Calls);

        // The hybrid cache writes to its store after it has answered.
        await store.Written;
        string key = Assert.Single(store.Keys);
        Assert.StartsWith("routellm:", key, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", key + string.Concat(store.Values), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_model_other_instructions_and_another_kind_of_router_have_scores_of_their_own()
    {
        using ServiceProvider provider = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        TestChatClient model = Judging.Difficulty(7);
        IRouter[] routers =
        [
            new JudgeRouter(model, new() { Cache = cache }),
            new JudgeRouter(model, new() { Cache = cache, Instructions = "Rate it." }),
            new JudgeRouter(model, new() { Cache = cache, ConfigureOptions = static options => options.ModelId = "another" }),
            new JudgeRouter(new TestChatClient { OnResponse = model.GetResponseAsync, OnGetService = static (type, _) => type == typeof(Microsoft.Extensions.AI.ChatClientMetadata) ? new Microsoft.Extensions.AI.ChatClientMetadata("test", null, "default") : null }, new() { Cache = cache }),
            new UncertaintyRouter(model, new() { Cache = cache, LogProbabilities = static _ => [-1] }),
        ];
        for (int round = 0; round < 2; round++)
        {
            foreach (IRouter router in routers)
            {
                await router.ScoreAsync("same");
            }

            Assert.Equal(routers.Length, model.Calls.Count);
        }
    }

    [Fact]
    public async Task Failures_stay_out_of_a_hybrid_cache_and_requests_at_the_same_time_share_a_call()
    {
        using ServiceProvider provider = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
        var answer = new TaskCompletionSource<string>();
        TestChatClient judge = Judging.Saying("nonsense");
        var router = new JudgeRouter(judge, new() { Cache = provider.GetRequiredService<HybridCache>(), Fallback = new FixedRouter(0.5) });
        Assert.Equal(0.5, await router.ScoreAsync("same"));

        judge.OnResponse = Judging.Waiting(answer).GetResponseAsync;
        Task<double>[] scores = [.. Enumerable.Range(0, 20).Select(_ => router.ScoreAsync("same"))];
        answer.SetResult("""{"difficulty": 1}""");
        Assert.All(await Task.WhenAll(scores), static score => Assert.Equal(0.03, score));
        Assert.Equal(2, judge.Calls.Count);
    }

    [Fact]
    public async Task A_routed_judge_is_found_out_behind_a_hybrid_cache_too()
    {
        using ServiceProvider provider = new ServiceCollection().AddHybridCache().Services.BuildServiceProvider();
        var model = new TestChatClient();
        var router = new JudgeRouter(model, new() { Cache = provider.GetRequiredService<HybridCache>() });
        model.OnResponse = async (_, _, token) =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await router.PredictWinProbabilityAsync("inner", token));
            return Judging.Answer("""{"difficulty": 1}""");
        };
        Assert.Equal(0.03, await router.ScoreAsync("outer"));
    }

    /// <summary>A distributed cache in memory that shows what it holds.</summary>
    private sealed class RecordingStore : IDistributedCache
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, byte[]> _entries = new();
        private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Written => _written.Task;

        public IEnumerable<string> Keys => _entries.Keys;

        public IEnumerable<string> Values => _entries.Values.Select(System.Text.Encoding.UTF8.GetString);

        public byte[]? Get(string key) => _entries.GetValueOrDefault(key);

        public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Task.FromResult(Get(key));

        public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
        {
            _entries[key] = value;
            _written.TrySetResult();
        }

        public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
        {
            Set(key, value, options);
            return Task.CompletedTask;
        }

        public void Refresh(string key)
        {
        }

        public Task RefreshAsync(string key, CancellationToken token = default) => Task.CompletedTask;

        public void Remove(string key) => _entries.TryRemove(key, out _);

        public Task RemoveAsync(string key, CancellationToken token = default)
        {
            Remove(key);
            return Task.CompletedTask;
        }
    }
}
