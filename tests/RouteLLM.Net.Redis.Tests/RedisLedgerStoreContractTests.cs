using RouteLLM.Tests.Budgets;
using StackExchange.Redis;

namespace RouteLLM.Redis.Tests;

/// <summary>The contract on a real server; each test has keys of its own on it.</summary>
public sealed class RedisLedgerStoreContractTests : LedgerStoreContract, IClassFixture<RedisLedgerStoreContractTests.Server>
{
    private readonly Server _server;

    public RedisLedgerStoreContractTests(Server server) => _server = server;

    protected override async ValueTask<ILedgerStore> CreateAsync() => new RedisLedgerStore(await _server.ConnectAsync(), new() { KeyPrefix = Guid.NewGuid().ToString("N") });

    /// <summary>One server for all tests of the class, started by the first.</summary>
    public sealed class Server : IAsyncDisposable
    {
        private readonly SemaphoreSlim _starting = new(1);
        private RedisServer? _server;
        private ConnectionMultiplexer? _redis;

        internal async Task<IConnectionMultiplexer> ConnectAsync()
        {
            await _starting.WaitAsync();
            try
            {
                _server ??= await RedisServer.StartAsync();
                return _redis ??= await ConnectionMultiplexer.ConnectAsync(_server.Configuration);
            }
            finally
            {
                _starting.Release();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (_redis is not null)
            {
                await _redis.DisposeAsync();
            }

            if (_server is not null)
            {
                await _server.DisposeAsync();
            }

            _starting.Dispose();
        }
    }
}
