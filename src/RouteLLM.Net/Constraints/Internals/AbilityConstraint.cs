namespace RouteLLM.Internals;

/// <summary>The constraint that a model can do what the request needs.</summary>
internal sealed class AbilityConstraint : IRouteConstraint
{
    private static readonly (ModelAbilities Ability, string Name, string Detail)[] s_abilities =
    [
        (ModelAbilities.Tools, "tools", "the request has tools, and the model calls none"),
        (ModelAbilities.Vision, "vision", "the request has images, and the model sees none"),
        (ModelAbilities.Audio, "audio", "the request has audio, and the model hears none"),
        (ModelAbilities.StructuredOutput, "structured-output", "the request has a JSON schema, and the model answers in none"),
        (ModelAbilities.Reasoning, "reasoning", "the request asks for reasoning, and the model does none"),
    ];

    public string Name => "abilities";

    public bool Concerns(ModelRoute route) => route.Profile.Abilities is not null;

    public string? FindObjection(RouteRequest request, ModelRoute route) => FindMissing(request, route)?.Detail;

    /// <summary>Finds the first ability that is missing, by its own name and with why it is needed.</summary>
    public static (string Name, string Detail)? FindMissing(RouteRequest request, ModelRoute route)
    {
        if (route.Profile.Abilities is not { } abilities || (request.Needs & ~abilities) is not (not ModelAbilities.None and var missing))
        {
            return null;
        }

        foreach ((ModelAbilities ability, string name, string detail) in s_abilities)
        {
            if ((missing & ability) != 0)
            {
                return (name, detail);
            }
        }

        return null;
    }
}
