namespace RouteLLM.Internals;

/// <summary>What a routed client has learned, which outlives a change of its configuration: it is handed from plan to plan.</summary>
internal sealed class RoutingState
{
    private readonly Lock _lock = new();
    private MemoryConversationStore? _conversations;
    private AdaptiveThreshold? _adaptiveThreshold;
    private DeploymentHealth? _health;

    /// <summary>Gets what was learned of the traffic.</summary>
    public AdaptiveThreshold AdaptiveThreshold => LazyInitializer.EnsureInitialized(ref _adaptiveThreshold)!;

    /// <summary>Gives what is known of the routes' deployments.</summary>
    public DeploymentHealth HealthOf(TimeProvider timeProvider)
    {
        lock (_lock)
        {
            return _health ??= new(timeProvider);
        }
    }

    /// <summary>Gives the conversations in this process's memory.</summary>
    public IConversationStore ConversationsInMemory(TimeProvider timeProvider)
    {
        lock (_lock)
        {
            return _conversations ??= new(timeProvider: timeProvider);
        }
    }
}
