namespace RouteLLM.Tests.Simulation;

/// <summary>Notes in the journal what is told of each request, and that the turns of a conversation are sent where it belongs.</summary>
internal sealed class JournalObserver(Journal journal) : IRoutingObserver
{
    // Conversations come and go; only those of now are kept, so that memory stays flat.
    private const int MostConversations = 10_000;

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, string> _homes = new(StringComparer.Ordinal);
    private long _records;
    private long _homecomings;

    /// <summary>Gets the number of requests told of.</summary>
    public long Records => Interlocked.Read(ref _records);

    /// <summary>Gets the number of turns that were decided by their conversation.</summary>
    public long Homecomings => Interlocked.Read(ref _homecomings);

    public void OnCompleted(RouteRecord record)
    {
        Interlocked.Increment(ref _records);
        journal.NoteRecord(record.Request.Prompt, record);
        if (record.Request.Conversation is { } conversation && record.Decision.Reason == RouteReasons.Conversation)
        {
            Interlocked.Increment(ref _homecomings);
            string route = record.Decision.Routes[0].Name;
            if (_homes.Count >= MostConversations)
            {
                _homes.Clear();
            }

            if (_homes.GetOrAdd(conversation, route) is { } home && home != route)
            {
                journal.Violate($"{record.Request.Prompt}: its conversation belongs to {home}, but it was sent to {route}");
            }
        }
    }
}
