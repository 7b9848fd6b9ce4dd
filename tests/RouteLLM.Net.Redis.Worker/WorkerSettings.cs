namespace RouteLLM.Redis.Worker;

/// <summary>What a process is told to do.</summary>
/// <param name="Redis">Where the server is.</param>
/// <param name="Name">What its questions begin with.</param>
/// <param name="Seed">The seed of its callers and providers.</param>
/// <param name="CallsPerCaller">How many questions each of its callers asks.</param>
/// <param name="WhenStoreDown">What happens to requests while the server is down.</param>
/// <param name="TenantLimit">What each tenant may spend, in USD.</param>
internal sealed record WorkerSettings(string Redis, string Name, int Seed, int CallsPerCaller, RouteLLM.StoreFailureMode WhenStoreDown, decimal TenantLimit)
{
    /// <summary>The number of callers of a process; two have 64.</summary>
    public const int Callers = 32;

    /// <summary>How much faster the simulated providers are than real ones.</summary>
    public const double Scale = 0.01;
}
