using RouteLLM.Internals;

namespace RouteLLM.Tests.Contracts;

public class RecentRoutesTests
{
    [Fact]
    public void However_many_keys_come_by_only_the_latest_are_kept()
    {
        const int Keys = 200_000;
        var routes = new RecentRoutes();
        for (int i = 0; i < Keys; i++)
        {
            routes.Add($"{i}", "a");
        }

        int found = Enumerable.Range(0, Keys).Reverse().Count(i => routes.Find($"{i}") is not null);

        Assert.InRange(found, 10_000, 20_000);
        Assert.Null(routes.Find("0"));
    }

    [Fact]
    public void A_key_that_is_asked_for_now_and_then_is_kept()
    {
        var routes = new RecentRoutes();
        routes.Add("mine", "a");
        for (int i = 0; i < 100_000; i++)
        {
            routes.Add($"{i}", "b");
            if (i % 5_000 == 0)
            {
                Assert.Equal("a", routes.Find("mine"));
            }
        }
    }

    [Fact]
    public void A_key_that_comes_again_goes_by_its_latest_route()
    {
        var routes = new RecentRoutes();
        routes.Add("key", "a");
        routes.Add("key", "b");
        Assert.Equal("b", routes.Find("key"));
    }

    [Fact]
    public async Task Many_who_fill_a_generation_at_the_same_time_drop_it_once()
    {
        const int Threads = 4;
        const int Keys = 15_000;
        for (int round = 0; round < 20; round++)
        {
            var routes = new RecentRoutes();
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Run(
                () =>
                {
                    for (int i = thread; i < Keys; i += Threads)
                    {
                        routes.Add($"{i}", "a");
                    }
                },
                TestContext.Current.CancellationToken)));

            // One and a half generations fit. Asking makes keys young again, and so drops up to half of the older generation in turn.
            Assert.InRange(Enumerable.Range(0, Keys).Count(i => routes.Find($"{i}") is not null), 10_000, Keys);
        }
    }
}
