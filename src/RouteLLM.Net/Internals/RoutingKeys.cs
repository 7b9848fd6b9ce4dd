namespace RouteLLM.Internals;

/// <summary>The names under which routing's settings and results travel in additional properties.</summary>
internal static class RoutingKeys
{
    public const string Prefix = "routellm.";
    public const string Route = Prefix + "route";
    public const string Router = Prefix + "router";
    public const string Threshold = Prefix + "threshold";
    public const string StrongShare = Prefix + "strong_share";
    public const string Group = Prefix + "group";
    public const string Tenant = Prefix + "tenant";
    public const string User = Prefix + "user";
    public const string Conversation = Prefix + "conversation";
    public const string Outcome = Prefix + "outcome";
}
