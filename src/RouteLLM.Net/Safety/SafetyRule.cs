namespace RouteLLM;

/// <summary>Says what happens to requests with signals of a category.</summary>
public sealed record SafetyRule
{
    /// <summary>Gets the category, such as <c>pii</c> for all personal data or <c>pii.email</c> for one kind. The default, <c>*</c>, is any.</summary>
    public string Category { get; init; } = "*";

    /// <summary>Gets how sure the classifier must be, in [0, 1]. The default is .5.</summary>
    public double MinConfidence { get; init; } = 0.5;

    /// <summary>Gets what happens. The default is <see cref="SafetyAction.Refuse"/>.</summary>
    public SafetyAction Action { get; init; }

    /// <summary>Gets the tag or the name of the route that the request is to go to, for the actions that require one.</summary>
    public string? Target { get; init; }

    internal IEnumerable<string> FindErrors()
    {
        if (string.IsNullOrWhiteSpace(Category))
        {
            yield return "A safety rule has no Category; use * for any.";
        }

        if (MinConfidence is not (>= 0 and <= 1))
        {
            yield return $"The safety rule for '{Category}' has a MinConfidence of {MinConfidence}, but a confidence lies in [0, 1].";
        }

        if (!Enum.IsDefined(Action))
        {
            yield return $"The safety rule for '{Category}' has the Action {Action}, but it is one of {string.Join(", ", Enum.GetNames<SafetyAction>())}.";
        }

        if (Action is SafetyAction.RequireTag or SafetyAction.RequireRoute && string.IsNullOrWhiteSpace(Target))
        {
            yield return $"The safety rule for '{Category}' has no Target; {Action} needs the {(Action == SafetyAction.RequireTag ? "tag" : "name of the route")} that requests are to go to.";
        }
    }
}
