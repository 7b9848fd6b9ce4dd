namespace RouteLLM.Diagnostics;

/// <summary>The names of the spans, metrics and attributes that routing emits.</summary>
public static class RoutingTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/> and of the <see cref="System.Diagnostics.Metrics.Meter"/>: pass it to OpenTelemetry's <c>AddSource</c> and <c>AddMeter</c>.</summary>
    public const string Source = "RouteLLM";

    /// <summary>The span around a routed call, from the decision to the end of the answer.</summary>
    public const string Activity = "routellm.chat";

    /// <summary>Event on the span: a route failed and another is tried.</summary>
    public const string FailoverEvent = "routellm.failover";

    /// <summary>Event on the span: a deployment failed and is left alone for a time.</summary>
    public const string CooldownEvent = "routellm.cooldown";

    /// <summary>Counter of decisions, by route, router and reason.</summary>
    public const string Decisions = "routellm.decisions";

    /// <summary>Histogram of win probabilities, by router.</summary>
    public const string WinProbability = "routellm.win_probability";

    /// <summary>Histogram of the time a decision takes, in seconds, by router.</summary>
    public const string DecisionDuration = "routellm.decision.duration";

    /// <summary>Gauge of the share of the latest 1,000 decisions by a router that chose the first, strongest route, over all clients of one meter; not there before the first.</summary>
    public const string StrongShare = "routellm.strong_share";

    /// <summary>Counter of fail-overs, by route, next route and error type.</summary>
    public const string Failovers = "routellm.failovers";

    /// <summary>Counter of cooldowns begun, by route, deployment and error type.</summary>
    public const string Cooldowns = "routellm.cooldowns";

    /// <summary>Counter of routes called again on behalf of one request, at the same deployment or another, by route and error type.</summary>
    public const string Retries = "routellm.retries";

    /// <summary>Counter of routers that failed or timed out, by router and reason.</summary>
    public const string RouterFailures = "routellm.router_failures";

    /// <summary>Counter of calls that routers made to a chat model of their own, by router and error type.</summary>
    public const string RouterCalls = "routellm.router.calls";

    /// <summary>Counter of the tokens of such calls, by router and <c>gen_ai.token.type</c> (<c>input</c> or <c>output</c>).</summary>
    public const string RouterTokens = "routellm.router.tokens";

    /// <summary>Counter of scores that a router left to its fallback, by router and error type.</summary>
    public const string RouterFallbacks = "routellm.router.fallbacks";

    /// <summary>Gauge of the population stability index between recent prompts' clusters and those of training, by router, for each <see cref="ClusterDriftMonitor"/>; not there before its first prediction.</summary>
    public const string ClusterDrift = "routellm.cluster.drift";

    /// <summary>Attribute: the name of the route chosen; on the span, in the end the one that answered.</summary>
    public const string Route = "routellm.route";

    /// <summary>Attribute: the name of the route tried next.</summary>
    public const string NextRoute = "routellm.next_route";

    /// <summary>Attribute: the name of the deployment; the route's, if it has but one client.</summary>
    public const string Deployment = "routellm.deployment";

    /// <summary>Attribute: the name of the router asked.</summary>
    public const string Router = "routellm.router";

    /// <summary>Attribute: the reason for the decision, one of <see cref="RouteReasons"/>.</summary>
    public const string Reason = "routellm.reason";

    /// <summary>Attribute of the span: the threshold applied.</summary>
    public const string Threshold = "routellm.threshold";

    /// <summary>Attribute of the span: the cluster of prompts that a clustered router found the request in, numbered from 0.</summary>
    public const string Cluster = "routellm.cluster";

    /// <summary>Attribute of the span: the length of the scored text, in UTF-16 units.</summary>
    public const string QueryLength = "routellm.query_length";

    /// <summary>Attribute of the span, only with sensitive data switched on: the scored text.</summary>
    public const string Query = "routellm.query";
}
