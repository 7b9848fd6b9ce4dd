using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Options that keep the turns of a conversation together.</summary>
/// <remarks>
/// <para>
/// A conversation is known by the key that a request names with <see cref="ChatOptionsRoutingExtensions.SetRoutingConversation"/>, or that <see cref="Key"/> finds; keys of different tenants never meet.
/// It belongs to the route that first answered it. A turn that another route answered, since its own failed, was pinned elsewhere or cannot take the request, does not change that. Of a turn that stays, the threshold, share or router that it asks for do not matter.
/// </para>
/// <para>
/// A provider's own state (<see cref="ChatOptions.ConversationId"/>, <see cref="ChatOptions.ContinuationToken"/>) pins its route with or without these options. With a <see cref="Store"/> it is also found by
/// other instances and after a restart.
/// </para>
/// </remarks>
public sealed class ConversationOptions
{
    /// <summary>Gets or sets what keeps a conversation where it is. The default is <see cref="ConversationAffinity.Stay"/>.</summary>
    public ConversationAffinity Affinity { get; set; } = ConversationAffinity.Stay;

    /// <summary>Gets or sets what finds the key of a request's conversation, or <see langword="null"/>, the default. A request that names its conversation itself is not asked.</summary>
    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? Key { get; set; }

    /// <summary>Gets or sets what keeps the routes of conversations, or <see langword="null"/>, the default, for the host's <see cref="IConversationStore"/> or, without one, this process's memory (a <see cref="MemoryConversationStore"/>).</summary>
    public IConversationStore? Store { get; set; }

    /// <summary>Gets or sets after how long without a turn a conversation is forgotten. The default is a day.</summary>
    public TimeSpan Expiry { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets after how long without a request a provider's state is forgotten by <see cref="Store"/>. The default is 30 days.</summary>
    public TimeSpan ProviderStateExpiry { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Gets or sets how long a request waits for <see cref="Store"/>. The default is 500 milliseconds.</summary>
    public TimeSpan StoreTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Gets or sets for how long a store that failed is not asked, so that requests do not wait for one that is down. The default is 5 seconds.</summary>
    public TimeSpan StoreRetryAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (!Enum.IsDefined(Affinity))
        {
            yield return $"Conversations.Affinity is {Affinity}, but it is None, Stay or MoveUp.";
        }

        foreach ((string name, TimeSpan time) in new[] { (nameof(Expiry), Expiry), (nameof(ProviderStateExpiry), ProviderStateExpiry), (nameof(StoreTimeout), StoreTimeout) })
        {
            if (time < TimeSpan.FromMilliseconds(1) || time.TotalMilliseconds >= uint.MaxValue)
            {
                yield return $"Conversations.{name} is {time}, but a millisecond to 49 days are expected.";
            }
        }

        if (StoreRetryAfter < TimeSpan.Zero)
        {
            yield return $"Conversations.StoreRetryAfter is {StoreRetryAfter}, but a time is at least 0.";
        }
    }
}
