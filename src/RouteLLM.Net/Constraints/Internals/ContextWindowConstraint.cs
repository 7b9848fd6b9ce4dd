using System.Globalization;

namespace RouteLLM.Internals;

/// <summary>The constraint that a request and its answer fit in the model's context window.</summary>
internal sealed class ContextWindowConstraint : IRouteConstraint
{
    public string Name => "context-window";

    public bool Concerns(ModelRoute route) => route.Profile.ContextWindow is not null;

    public string? FindObjection(RouteRequest request, ModelRoute route)
    {
        long output = Math.Max(request.Options?.MaxOutputTokens ?? 0, 0);
        return route.Profile.ContextWindow is { } window && request.InputTokens + output > window
            ? string.Create(CultureInfo.InvariantCulture, $"{request.InputTokens} input tokens and {output} for the answer do not fit in {window}")
            : null;
    }
}
