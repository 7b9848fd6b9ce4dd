namespace RouteLLM.Tests;

/// <summary>Keeps the records that it is told.</summary>
internal sealed class RecordingObserver : IRoutingObserver
{
    private readonly List<RouteRecord> _records = [];

    public bool WantsResponse { get; init; }

    public IReadOnlyList<RouteRecord> Records
    {
        get
        {
            lock (_records)
            {
                return [.. _records];
            }
        }
    }

    public void OnCompleted(RouteRecord record)
    {
        lock (_records)
        {
            _records.Add(record);
        }
    }
}
