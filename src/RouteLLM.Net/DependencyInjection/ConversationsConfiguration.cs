namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>Conversations</c>: <c>Affinity</c>, <c>Expiry</c>, <c>ProviderStateExpiry</c>, <c>StoreTimeout</c> and <c>StoreRetryAfter</c>.</summary>
internal sealed class ConversationsConfiguration : IFeatureConfiguration
{
    public string Section => nameof(RoutedChatClientOptions.Conversations);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        ConversationOptions conversations = options.Conversations ??= new();
        section.Name<ConversationAffinity>(nameof(conversations.Affinity), value => conversations.Affinity = value);
        section.Time(nameof(conversations.Expiry), value => conversations.Expiry = value);
        section.Time(nameof(conversations.ProviderStateExpiry), value => conversations.ProviderStateExpiry = value);
        section.Time(nameof(conversations.StoreTimeout), value => conversations.StoreTimeout = value);
        section.Time(nameof(conversations.StoreRetryAfter), value => conversations.StoreRetryAfter = value);
    }
}
