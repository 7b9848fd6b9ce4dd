using CsCheck;
using Microsoft.Extensions.Time.Testing;

namespace RouteLLM.Tests.Conversations;

/// <summary>The store of conversations in memory: bounded, expiring, and one answer for all.</summary>
public class MemoryConversationStoreTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_to_add_wins_and_only_who_knows_the_present_route_replaces_it()
    {
        var store = new MemoryConversationStore();
        Assert.Equal("a", await store.GetOrAddAsync("key", "a", s_hour, Cancel));
        Assert.Equal("a", await store.GetOrAddAsync("key", "b", s_hour, Cancel));
        Assert.False(await store.TryReplaceAsync("key", "b", "c", s_hour, Cancel));
        Assert.True(await store.TryReplaceAsync("key", "a", "c", s_hour, Cancel));
        Assert.False(await store.TryReplaceAsync("other", "a", "c", s_hour, Cancel));
        Assert.Equal(("c", null), (await store.FindAsync("key", s_hour, Cancel), await store.FindAsync("other", s_hour, Cancel)));
    }

    [Fact]
    public async Task What_is_not_asked_for_expires_and_can_be_added_anew()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryConversationStore(timeProvider: time);
        await store.GetOrAddAsync("key", "a", s_hour, Cancel);
        time.Advance(s_hour);

        Assert.Null(await store.FindAsync("key", s_hour, Cancel));
        Assert.False(await store.TryReplaceAsync("key", "a", "b", s_hour, Cancel));
        Assert.Equal("b", await store.GetOrAddAsync("key", "b", s_hour, Cancel));
    }

    [Fact]
    public async Task It_never_holds_more_than_its_capacity_and_drops_what_would_expire_first()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryConversationStore(1000, time);
        for (int i = 0; i < 10_000; i++)
        {
            await store.GetOrAddAsync($"key {i}", "a", s_hour, Cancel);
            time.Advance(TimeSpan.FromMilliseconds(1));
            Assert.InRange(store.Count, 1, 1000);
        }

        Assert.All(Enumerable.Range(9_500, 500), i => Assert.Equal("a", store.FindAsync($"key {i}", s_hour, Cancel).AsTask().Result));
        Assert.Null(await store.FindAsync("key 0", s_hour, Cancel));
    }

    [Fact]
    public async Task Expired_keys_are_dropped_before_live_ones()
    {
        var time = new FakeTimeProvider();
        var store = new MemoryConversationStore(2000, time);
        for (int i = 0; i < 1000; i++)
        {
            await store.GetOrAddAsync($"short {i}", "a", TimeSpan.FromSeconds(1), Cancel);
            await store.GetOrAddAsync($"long {i}", "a", s_hour, Cancel);
            time.Advance(TimeSpan.FromMilliseconds(10));
        }

        for (int i = 0; i < 900; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(10));
            await store.GetOrAddAsync($"new {i}", "a", s_hour, Cancel);
        }

        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal("a", store.FindAsync($"long {i}", s_hour, Cancel).AsTask().Result));
    }

    [Fact]
    public void Of_many_who_add_at_once_all_get_the_same_route() =>
        Gen.Int[2, 8].Sample(callers =>
        {
            var store = new MemoryConversationStore();
            string[] kept = new string[callers];
            Parallel.For(0, callers, i => kept[i] = store.GetOrAddAsync("key", $"route {i}", s_hour, Cancel).AsTask().Result);
            return kept.Distinct().Count() == 1;
        }, iter: 200);
}
