using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A request that is over: what was asked, decided and came of it.</summary>
public sealed class RouteRecord
{
    /// <summary>Gets when the request came.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Gets the request. It holds the caller's own messages: nothing of them belongs in a log unless sensitive data is switched on.</summary>
    public required RouteRequest Request { get; init; }

    /// <summary>Gets the decision.</summary>
    public required RouteDecision Decision { get; init; }

    /// <summary>Gets how the request ended: that of its last attempt, or <see cref="RouteAttemptStatus.NotCalled"/> if no route could be called.</summary>
    public required RouteAttemptStatus Status { get; init; }

    /// <summary>Gets the outcome, or <see langword="null"/> if no route gave any output.</summary>
    public RouteOutcome? Outcome { get; init; }

    /// <summary>Gets the calls made, in order.</summary>
    public IReadOnlyList<RouteAttempt> Attempts { get; init; } = [];

    /// <summary>Gets the tokens used by the route that answered, or <see langword="null"/> if none did or nothing is known.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Gets a value indicating whether <see cref="Usage"/> is an estimate.</summary>
    public bool IsUsageEstimated { get; init; }

    /// <summary>Gets what the tokens used cost in USD, or <see langword="null"/> if the route has no price. An attempt that failed before its first output counts nothing.</summary>
    public decimal? Cost { get; init; }

    /// <summary>Gets how long the request took, from its coming to its last update.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Gets how long it took to the response or the first streamed update, or <see langword="null"/> if there was none.</summary>
    public TimeSpan? TimeToFirstUpdate { get; init; }

    /// <summary>Gets the error that the caller saw, or <see langword="null"/>.</summary>
    public Exception? Error { get; init; }

    /// <summary>Gets the response, put together from its updates if it was streamed; only where an observer wants it (<see cref="IRoutingObserver.WantsResponse"/>) and a route answered in full.</summary>
    public ChatResponse? Response { get; init; }

    /// <summary>Gets the routes that were not called though they could have been, and why.</summary>
    public IReadOnlyList<RouteSkip> Skips { get; init; } = [];

    /// <summary>
    /// Gets or sets what will tell how good the answer was found to be, more being better, or <see langword="null"/>, the default. An observer that has answers judged, or that waits for a user's verdict, sets it; the
    /// <see cref="Diagnostics.DecisionLog"/>, which is told last, waits for it. A task that fails, is cancelled or gives <see langword="null"/> says nothing.
    /// </summary>
    public Task<double?>? Reward { get; set; }

    /// <summary>Gets whether the client that made this record has sensitive data switched on (<see cref="RoutedChatClientOptions.EnableSensitiveData"/>).</summary>
    public bool EnableSensitiveData { get; init; }

    /// <summary>Gets the routes of the client, strongest first.</summary>
    public IReadOnlyList<ModelRoute> Routes { get; init; } = [];

    /// <summary>Makes a copy for work off the path of the request: its lists of messages are its own.</summary>
    internal RouteRecord Detach() => new()
    {
        Time = Time,
        Request = Request.Detach(),
        Decision = Decision,
        Status = Status,
        Outcome = Outcome,
        Attempts = Attempts,
        Usage = Usage,
        IsUsageEstimated = IsUsageEstimated,
        Cost = Cost,
        Duration = Duration,
        TimeToFirstUpdate = TimeToFirstUpdate,
        Error = Error,
        Response = Response,
        Skips = Skips,
        Reward = Reward,
        EnableSensitiveData = EnableSensitiveData,
        Routes = Routes,
    };
}
