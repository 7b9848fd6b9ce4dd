namespace RouteLLM.Internals;

/// <summary>Where a request may go, by what was found in it.</summary>
/// <param name="Required">The rules that require a tag or a route, each with the category that was found.</param>
/// <param name="Steps">What was found, for the decision.</param>
internal sealed record SafetyVerdict(IReadOnlyList<(SafetyRule Rule, string Category)> Required, IReadOnlyList<DecisionStep> Steps)
{
    public RouteSkip? FindSkip(ModelRoute route)
    {
        foreach ((SafetyRule rule, string category) in Required)
        {
            bool allowed = rule.Action == SafetyAction.RequireTag ? route.Profile.HasTag(rule.Target!) : route.Name == rule.Target;
            if (!allowed)
            {
                return new(route.Name, "safety", $"{category} was found, and may only go to {(rule.Action == SafetyAction.RequireTag ? "routes tagged" : "the route")} '{rule.Target}'");
            }
        }

        return null;
    }
}
