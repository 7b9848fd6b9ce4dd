using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>Options of a <see cref="RoutedChatClient"/> with any routes and policy.</summary>
public class RoutedChatClientOptions
{
    /// <summary>Gets or sets what text of a conversation is scored. The default is <see cref="PromptSelector.LastUserMessage"/>.</summary>
    public PromptSelector PromptSelector { get; set; } = PromptSelector.LastUserMessage;

    /// <summary>Gets or sets the routers a request can ask for by name, or <see langword="null"/> for the built-in one alone.</summary>
    public IRouterRegistry? Routers { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether a model id that is no route's is ignored and the request routed as usual. The default is
    /// <see langword="false"/>: such an id is an <see cref="ArgumentException"/>.
    /// </summary>
    /// <remarks>A malformed <c>router-...</c> id is an error in any case.</remarks>
    public bool IgnoreUnknownModelIds { get; set; }

    /// <summary>Gets or sets a value indicating whether another route is tried when one fails before its first output. The default is <see langword="true"/>.</summary>
    public bool FailOver { get; set; } = true;

    /// <summary>Gets or sets which errors are worth trying another route for. The default is <see cref="FailoverErrors.IsCurable"/>.</summary>
    /// <remarks>Never asked after the caller's cancellation or after output began.</remarks>
    public Func<Exception, bool> ShouldFailOver { get; set; } = FailoverErrors.IsCurable;

    /// <summary>
    /// Gets or sets how requests survive the faults of providers: retries, time limits, cooldowns, deployments. The default, <see langword="null"/>, calls each route once at most;
    /// if one of them has several deployments, it stands for the defaults of <see cref="ResilienceOptions"/>. Read once.
    /// </summary>
    public ResilienceOptions? Resilience { get; set; }

    /// <summary>Gets or sets what finds the tenant of a request, for budgets, thresholds and telemetry, or <see langword="null"/>, the default. A request that names its tenant itself is not asked.</summary>
    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? Tenant { get; set; }

    /// <summary>Gets or sets what finds the user of a request, or <see langword="null"/>, the default. A request that names its user itself is not asked.</summary>
    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, string?>? User { get; set; }

    /// <summary>Gets or sets what counts tokens: against context windows, for prices before a call, and where a provider does not say what was used. The default is <see cref="TokenCounter.Estimate"/>.</summary>
    public TokenCounter TokenCounter { get; set; } = TokenCounter.Estimate;

    /// <summary>Gets or sets the ledger that counts what requests cost and the budgets that they are kept within, or <see langword="null"/>, the default, for neither.</summary>
    public SpendingOptions? Spending { get; set; }

    /// <summary>Gets or sets what keeps the turns of a conversation together, or <see langword="null"/>, the default, for nothing beyond a provider's own state and tool calls.</summary>
    public ConversationOptions? Conversations { get; set; }

    /// <summary>Gets or sets what has the client hold a strong share or a monthly budget by itself, or <see langword="null"/>, the default, for a threshold that stays as it is.</summary>
    public AdaptiveThresholdOptions? AdaptiveThreshold { get; set; }

    /// <summary>
    /// Gets what says which routes can take a request, before anything is preferred; it holds for pinned routes and for fail-over targets too. By default <see cref="RouteConstraint.Abilities"/> and
    /// <see cref="RouteConstraint.ContextWindow"/>, which concern routes only whose profile says what they can do and hold.
    /// </summary>
    public IList<IRouteConstraint> Constraints { get; } = [RouteConstraint.Abilities, RouteConstraint.ContextWindow];

    /// <summary>Gets the rules that send requests to a route or move their threshold, most important first. None by default.</summary>
    public IList<RoutingRule> Rules { get; } = [];

    /// <summary>Gets or sets what embeds prompts and the examples of rules, or <see langword="null"/>, the default, for <see cref="HashedTextEmbeddingGenerator"/>, which compares by words.</summary>
    public IEmbeddingGenerator<string, Embedding<float>>? RuleEmbedder { get; set; }

    /// <summary>Gets the thresholds of tenants, in [0, 1], by tenant. A request's own comes first, then a rule's, then its user's. None by default.</summary>
    public IDictionary<string, double> TenantThresholds { get; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Gets the thresholds of users, in [0, 1], by user. None by default.</summary>
    public IDictionary<string, double> UserThresholds { get; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>Gets or sets the classifiers that look for personal data or injected instructions, and what happens to requests that have some; or <see langword="null"/>, the default, for none.</summary>
    public SafetyOptions? Safety { get; set; }

    /// <summary>Gets the gates that admit or refuse each attempt, asked in order. None by default.</summary>
    public IList<IRouteGate> Gates { get; } = [];

    /// <summary>Gets the observers that are told of every request when it is over. None by default.</summary>
    public IList<IRoutingObserver> Observers { get; } = [];

    /// <summary>Gets or sets the split of the requests over variants (A/B test), or <see langword="null"/>, the default, for none.</summary>
    public TrafficSplit? Split { get; set; }

    /// <summary>
    /// Gets or sets a value indicating whether prompts may appear in logs and traces, and errors, whose messages may quote a prompt, in logs. The default is <see langword="false"/>, unless the environment variable
    /// <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c> is <c>true</c>, as elsewhere in Microsoft.Extensions.AI.
    /// </summary>
    public bool EnableSensitiveData { get; set; } =
        string.Equals(Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"), "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>Gives what is wrong with the options of features, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindFeatureErrors() =>
        [.. FindPolicyErrors(), .. Resilience?.FindErrors() ?? [], .. Spending?.FindErrors() ?? [], .. Conversations?.FindErrors() ?? [], .. AdaptiveThreshold?.FindErrors() ?? []];

    /// <summary>Gives what is wrong with constraints, rules, thresholds and safety, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindPolicyErrors()
    {
        if (Constraints.Contains(null!))
        {
            yield return "A constraint is null.";
        }

        foreach (string error in Rules.SelectMany(static (rule, index) => rule is null ? ["A rule is null."] : rule.FindErrors(RulesPolicy.NameOf(rule, index))))
        {
            yield return error;
        }

        foreach ((string whose, double threshold) in TenantThresholds.Concat(UserThresholds))
        {
            if (threshold is not (>= 0 and <= 1))
            {
                yield return $"The threshold of '{whose}' is {threshold}, but a threshold lies in [0, 1].";
            }
        }

        foreach (string error in Safety?.FindErrors() ?? [])
        {
            yield return error;
        }
    }
}
