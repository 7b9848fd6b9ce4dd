namespace RouteLLM.Redis.Worker;

/// <summary>What the callers of a process were told that a tenant spent on a route.</summary>
internal sealed record WorkerSpending(string? Tenant, string Route, long Calls, long InputTokens, long OutputTokens, decimal Cost);
