using StackExchange.Redis;

namespace RouteLLM.Redis.Tests;

public sealed class RedisServerTests
{
    [Fact]
    public async Task What_was_written_is_there_after_the_server_was_killed_and_started_again()
    {
        await using RedisServer server = await RedisServer.StartAsync();
        await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        Assert.True(await redis.GetDatabase().StringSetAsync("key", "value"));
        server.Kill();
        await server.RestartAsync();
        await using ConnectionMultiplexer again = await ConnectionMultiplexer.ConnectAsync(server.Configuration);
        Assert.Equal("value", await again.GetDatabase().StringGetAsync("key"));
    }
}
