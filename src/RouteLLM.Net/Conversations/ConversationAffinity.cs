namespace RouteLLM;

/// <summary>What keeps a conversation where it is.</summary>
public enum ConversationAffinity
{
    /// <summary>Nothing: every turn is decided by itself.</summary>
    None,

    /// <summary>It stays on the route that first answered it, so that the provider's prompt cache and the manner of the answers are kept. Routers and rules are not asked again.</summary>
    Stay,

    /// <summary>Every turn is decided, but the conversation may only move to a stronger route, never to a weaker one.</summary>
    MoveUp,
}
