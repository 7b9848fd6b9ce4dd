using System.Text.Json.Serialization;
using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>What came of a request: the decision, the route that answered, and the attempts on the way there.</summary>
/// <remarks>
/// It rides on the response's messages and on the first streamed update, and is read with <c>GetRouteOutcome()</c>. It survives being cached
/// outside the router; what comes back from a cache has <see cref="IsReplay"/> set, and no times, since nothing was decided or called.
/// </remarks>
public sealed class RouteOutcome
{
    // NaN for none: one of these is made for every request, and a nullable double takes twice the room.
    private readonly double _winProbability = double.NaN;
    private readonly double _threshold = double.NaN;

    // -1 for none, for the same reason.
    private readonly int _cluster = -1;
    private IReadOnlyList<RouteAttempt>? _attempts;
    private bool _fromCache;

    /// <summary>Gets the name of the route that answered.</summary>
    public required string Route { get; init; }

    /// <summary>Gets the name of the deployment that answered, or <see langword="null"/> if the route has but one client.</summary>
    public string? Deployment { get; init; }

    /// <summary>Gets the model that answered as far as it is known: what the response says, else the route's.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets why the request went where it was first sent; see <see cref="RouteReasons"/>.</summary>
    public required string Reason { get; init; }

    /// <summary>Gets the name of the router that was asked, or <see langword="null"/> if none was.</summary>
    public string? Router { get; init; }

    /// <summary>Gets P(the strong model's answer is better) in [0, 1], or <see langword="null"/> if no router was asked or it failed.</summary>
    public double? WinProbability
    {
        get => double.IsNaN(_winProbability) ? null : _winProbability;
        init => _winProbability = value ?? double.NaN;
    }

    /// <summary>Gets the threshold that was applied, or <see langword="null"/> if none was.</summary>
    public double? Threshold
    {
        get => double.IsNaN(_threshold) ? null : _threshold;
        init => _threshold = value ?? double.NaN;
    }

    /// <summary>Gets the cluster of prompts that the router found the request in (see <see cref="IClusteredRouter"/>), or <see langword="null"/> if it is no clustered router's.</summary>
    public int? Cluster
    {
        get => _cluster < 0 ? null : _cluster;
        init => _cluster = value ?? -1;
    }

    /// <summary>Gets the calls made, in order; the last one answered.</summary>
    public IReadOnlyList<RouteAttempt> Attempts
    {
        // Put together when asked for: most requests have one attempt, and nobody asks.
        get => _attempts ??= [.. FailedAttempts, new RouteAttempt(Route, ModelId, errorType: null) { Duration = AnswerTime, Deployment = Deployment }];
        init => _attempts = value;
    }

    /// <summary>Gets a value indicating whether the route that answered is not the one first tried.</summary>
    [JsonIgnore]
    public bool FailedOver => (_attempts ?? FailedAttempts) is [var first, ..] && first.Route != Route;

    /// <summary>Gets the tokens used by the route that answered, or <see langword="null"/> if it is not known. Of a stream it is known once it was read to its end.</summary>
    [JsonIgnore]
    public UsageDetails? Usage => Meter?.Usage;

    /// <summary>Gets what <see cref="Usage"/> costs in USD, or <see langword="null"/> if the route has no price. Of a stream it is known once it was read to its end.</summary>
    [JsonIgnore]
    public decimal? Cost => Meter?.Cost;

    /// <summary>Gets a value indicating whether <see cref="Usage"/> and <see cref="Cost"/> are estimated, since the provider did not say what was used.</summary>
    [JsonIgnore]
    public bool IsUsageEstimated => Meter is { IsEstimated: true };

    /// <summary>Gets a value indicating whether the route's middleware answered without calling the model, as a cache does.</summary>
    [JsonIgnore]
    public bool FromCache
    {
        get => _fromCache;
        init => _fromCache = value;
    }

    /// <summary>Gets the routes that were not called though they could have been, and why: constraints, cooldowns, budgets. Empty in a replay.</summary>
    [JsonIgnore]
    public IReadOnlyList<RouteSkip> Skips { get; init; } = [];

    /// <summary>Gets what led to the decision beside the router. Empty in a replay.</summary>
    [JsonIgnore]
    public IReadOnlyList<DecisionStep> Steps => Decision?.Steps ?? [];

    /// <summary>Gets how long deciding took. Zero in a replay.</summary>
    [JsonIgnore]
    public TimeSpan DecisionTime { get; init; }

    /// <summary>Gets a value indicating whether this was read back from a serialised response, such as a cache's, and no model was called.</summary>
    [JsonIgnore]
    public bool IsReplay { get; internal set; }

    [JsonIgnore]
    internal RouteDecision? Decision { get; init; }

    [JsonIgnore]
    internal UsageMeter? Meter { get; init; }

    [JsonIgnore]
    internal RouteAttempt[] FailedAttempts { get; init; } = [];

    [JsonIgnore]
    internal TimeSpan AnswerTime { get; init; }

    /// <summary>Notes, when the answer has ended, whether it came without a call of the model.</summary>
    internal void End(bool fromCache) => _fromCache = fromCache;

    /// <summary>Explains the win probability: what every feature and every word of the prompt added to the score. It is worked out now, and costs nothing if nobody asks.</summary>
    /// <returns>The explanation, which quotes the prompt; or <see langword="null"/> in a replay, and where <see cref="RouteDecision.Explain"/> has none.</returns>
    /// <exception cref="NotSupportedException">The router has no <see cref="IPredictionExplainer"/>.</exception>
    public PredictionExplanation? Explain() => Decision?.Explain();
}
