namespace RouteLLM;

/// <summary>Is told of every request when it is over: answered, failed or cancelled.</summary>
/// <remarks>It is called on the request's own thread, so it only takes note and leaves work to others; what it throws is logged and reaches no caller. Implementations must be thread-safe.</remarks>
public interface IRoutingObserver
{
    /// <summary>Gets a value indicating whether <see cref="RouteRecord.Response"/> is wanted, for which a stream's updates have to be kept.</summary>
    bool WantsResponse => false;

    /// <summary>Takes note of a request that is over.</summary>
    /// <param name="record">The request, its decision and what came of it.</param>
    void OnCompleted(RouteRecord record);
}
