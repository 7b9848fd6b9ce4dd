namespace RouteLLM;

/// <summary>Options of a <see cref="LadderPolicy"/>.</summary>
public class LadderPolicyOptions : PredictionPolicyOptions
{
    /// <summary>Gets or sets the routers that a request can ask for by name, or <see langword="null"/>, the default, for the built-in one and the policy's own.</summary>
    public IRouterRegistry? Routers { get; set; }

    /// <summary>Gets or sets the name of the policy's router in decisions, or <see langword="null"/>, the default, for the router's own.</summary>
    public string? RouterName { get; set; }
}
