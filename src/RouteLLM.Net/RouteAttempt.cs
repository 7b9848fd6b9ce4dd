using System.Text.Json.Serialization;

namespace RouteLLM;

/// <summary>One call of one route, or of one of its deployments, on behalf of a request.</summary>
/// <param name="route">The route's name.</param>
/// <param name="modelId">The model as far as it is known, or <see langword="null"/>.</param>
/// <param name="errorType">The full name of the error's type, or <see langword="null"/> if the call succeeded.</param>
[method: JsonConstructor]
public sealed class RouteAttempt(string route, string? modelId, string? errorType)
{
    /// <summary>Gets the route's name.</summary>
    public string Route { get; } = route;

    /// <summary>Gets the model as far as it is known, or <see langword="null"/>.</summary>
    public string? ModelId { get; } = modelId;

    /// <summary>Gets the full name of the error's type, or <see langword="null"/> if the call succeeded.</summary>
    public string? ErrorType { get; } = errorType;

    /// <summary>Gets the name of the deployment called, or <see langword="null"/> if the route has but one client.</summary>
    public string? Deployment { get; init; }

    /// <summary>Gets the error, or <see langword="null"/> if the call succeeded or the outcome is a replay.</summary>
    [JsonIgnore]
    public Exception? Error { get; init; }

    /// <summary>Gets how long the call took: to the response, to the first streamed update, or to the error. Zero in a replay.</summary>
    [JsonIgnore]
    public TimeSpan Duration { get; init; }
}
