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

    /// <summary>Counter of requests that are over, by route (the one that answered, else the first one chosen), status, tenant and variant. One that ended before there was a decision has no route.</summary>
    public const string Requests = "routellm.requests";

    /// <summary>Histogram of the time from a request's coming to its last update, in seconds, by route, status and, where the route has several, the deployment that answered.</summary>
    public const string RequestDuration = "routellm.request.duration";

    /// <summary>Histogram of the time from a request's coming to the response or its first streamed update, in seconds, by route and, where the route has several, the deployment that answered.</summary>
    public const string TimeToFirstUpdate = "routellm.time_to_first_update";

    /// <summary>Counter of tokens used, by route, tenant and <c>gen_ai.token.type</c> (<c>input</c> or <c>output</c>); estimated where a provider is silent.</summary>
    public const string Tokens = "routellm.tokens";

    /// <summary>Counter of what was spent, in USD, by route, tenant and variant; of routes that have a price.</summary>
    public const string Cost = "routellm.cost";

    /// <summary>
    /// Counter of what the strongest route would have cost, in USD, for the same tokens, by route, tenant and variant as <see cref="Cost"/>, whose difference from it is what routing saves. The same requests count in both,
    /// if the strongest route has a price too.
    /// </summary>
    public const string CostAlwaysStrong = "routellm.cost.always_strong";

    /// <summary>Counter of routes that were passed over, by route and cause: a cooldown, a budget, a constraint.</summary>
    public const string Skips = "routellm.skips";

    /// <summary>Gauge of the deployments that are left alone, by route and deployment: 1 while one cools down, else 0; of clients with <see cref="RoutedChatClientOptions.Resilience"/>.</summary>
    public const string CoolingDeployments = "routellm.deployments.cooling";

    /// <summary>Counter of warnings of budgets, by budget and tenant: once a period each, when what is spent passes <see cref="Budget.WarnShare"/>.</summary>
    public const string BudgetWarnings = "routellm.budget.warnings";

    /// <summary>
    /// Gauge of the share of a budget that is used, spent or reserved, by budget and tenant: 0.8 for 80%; as far as this process knows. Of a budget for each route or user it is the highest share of any.
    /// </summary>
    public const string BudgetUsed = "routellm.budget.used";

    /// <summary>Gauge of the population stability index between recent win probabilities and those of calibration, by router, for each <see cref="WinProbabilityDriftMonitor"/>; not there before its first request.</summary>
    public const string WinProbabilityDrift = "routellm.win_probability.drift";

    /// <summary>Counter of decisions that a shadow made as well, by shadow, route, the route that it chose and whether they agree.</summary>
    public const string ShadowDecisions = "routellm.shadow.decisions";

    /// <summary>Counter of what those requests would have cost, in USD, had the shadow decided, by shadow; where both are known.</summary>
    public const string ShadowCost = "routellm.shadow.cost";

    /// <summary>Counter of what the same requests did cost, in USD, by shadow.</summary>
    public const string ShadowActualCost = "routellm.shadow.actual_cost";

    /// <summary>Counter of requests that a shadow should have decided and did not, by shadow and cause: <c>dropped</c> (the queue was full) or <c>failed</c>.</summary>
    public const string ShadowMissed = "routellm.shadow.missed";

    /// <summary>Histogram of how good sampled answers were judged to be, in [0, 1], by route and cluster.</summary>
    public const string Quality = "routellm.quality";

    /// <summary>Counter of sampled answers that were not judged, by cause: <c>dropped</c> (the queue was full), <c>limited</c> (by the limit per hour) or <c>failed</c>.</summary>
    public const string QualityMissed = "routellm.quality.missed";

    /// <summary>Counter of decisions written to decision logs.</summary>
    public const string LogWritten = "routellm.decision_log.written";

    /// <summary>Counter of decisions that a decision log lost, since its queue was full or its file could not be written.</summary>
    public const string LogDropped = "routellm.decision_log.dropped";

    /// <summary>Attribute: how a request ended: <c>answered</c>, <c>answered_from_cache</c>, <c>failed</c>, <c>cancelled</c>, <c>not_called</c> (no route could be called) or <c>undecided</c> (there was no decision).</summary>
    public const string Status = "routellm.status";

    /// <summary>Attribute: the tenant of a request; only there if it has one. An SDK bounds how many it keeps apart: 2,000 series for each metric, by default.</summary>
    public const string Tenant = "routellm.tenant";

    /// <summary>Attribute: the variant of a <see cref="TrafficSplit"/>; only there if there is a split.</summary>
    public const string Variant = "routellm.variant";

    /// <summary>Attribute: why something was passed over or missed.</summary>
    public const string Cause = "routellm.cause";

    /// <summary>Attribute: the name of a budget.</summary>
    public const string Budget = "routellm.budget";

    /// <summary>Attribute: the name of a shadow.</summary>
    public const string Shadow = "routellm.shadow";

    /// <summary>Attribute: the route that a shadow chose.</summary>
    public const string ShadowRoute = "routellm.shadow.route";

    /// <summary>Attribute: whether a shadow chose the route that was chosen.</summary>
    public const string ShadowAgrees = "routellm.shadow.agrees";

    /// <summary>Attribute: <c>input</c> or <c>output</c>, as OpenTelemetry's conventions for generative AI name it.</summary>
    public const string TokenType = "gen_ai.token.type";

    /// <summary>Attribute of the span: what the request cost, in USD.</summary>
    public const string RequestCost = "routellm.request.cost";

    /// <summary>Attribute of the span: the number of calls made.</summary>
    public const string Attempts = "routellm.attempts";

    /// <summary>Event on the span: a rule, a constraint, a budget or the like had a part in the decision.</summary>
    public const string StepEvent = "routellm.step";

    /// <summary>Event on the span: a route was passed over.</summary>
    public const string SkipEvent = "routellm.skip";

    /// <summary>Attribute of the events: what acted.</summary>
    public const string Stage = "routellm.stage";

    /// <summary>Attribute of the events: what it did, in words that do not quote the prompt.</summary>
    public const string Detail = "routellm.detail";

    /// <summary>Attribute: the name of the route chosen; on the span, in the end the one that answered.</summary>
    public const string Route = "routellm.route";

    /// <summary>Attribute: the name of the route tried next.</summary>
    public const string NextRoute = "routellm.next_route";

    /// <summary>Attribute: the name of the deployment; in cooldowns the route's, if it has but one client, elsewhere only there if it has several.</summary>
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
