using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.AI;

namespace RouteLLM.Benchmarks;

/// <summary>
/// What the policies around a plain threshold add to a routed call: constraints, conversations, rules, budgets in memory, an adaptive threshold and a split, together; and deployments with retries, cooldowns and time limits beside them.
/// The same options are passed to all, and every route has a price, so that usage is counted in each.
/// </summary>
[MemoryDiagnoser]
public class PolicyChainBenchmarks
{
    private static readonly ModelProfile s_profile = new() { Price = new TokenPrice(2.5m, 10), ContextWindow = 128_000, Abilities = ModelAbilities.Tools | ModelAbilities.Vision };

    private readonly ChatMessage[] _messages =
        [new(ChatRole.User, "Our checkout service sometimes charges a customer twice when the payment provider times out and the worker retries. How do we make a retry safe?")];

    private readonly ChatOptions _options = new ChatOptions().SetRoutingTenant("acme").SetRoutingUser("jane").SetRoutingConversation("17");
    private RoutedChatClient _plain = null!;
    private RoutedChatClient _chain = null!;
    private RoutedChatClient _resilient = null!;

    [GlobalSetup]
    public void Setup()
    {
        _plain = Client(Priced());
        _chain = Client(WithChain(Priced()));
        TwoModelRoutingOptions all = WithChain(Priced());
        all.Resilience = new();
        _resilient = Client(all);
    }

    [Benchmark(Baseline = true)]
    public Task<ChatResponse> PlainThreshold() => _plain.GetResponseAsync(_messages, _options);

    [Benchmark]
    public Task<ChatResponse> FullPolicyChain() => _chain.GetResponseAsync(_messages, _options);

    [Benchmark]
    public Task<ChatResponse> FullPolicyChainAndResilience() => _resilient.GetResponseAsync(_messages, _options);

    private static RoutedChatClient Client(TwoModelRoutingOptions options) => new(new NoOpChatClient(), new NoOpChatClient(), new FixedRouter(0.5), options);

    private static TwoModelRoutingOptions Priced() => new() { Threshold = 0.3, StrongProfile = s_profile, WeakProfile = s_profile with { Price = new TokenPrice(0.15m, 0.6m) } };

    private static TwoModelRoutingOptions WithChain(TwoModelRoutingOptions options)
    {
        options.Constraints.Add(RouteConstraint.Create("region", static (_, _) => null));
        options.Rules.Add(new() { Name = "legal", Keywords = ["lawsuit", "Vertrag"], Route = "strong" });
        options.Rules.Add(new() { Name = "long", MinLength = 8_000, Shift = -0.1 });
        options.TenantThresholds["acme"] = 0.2;
        options.Conversations = new() { Affinity = ConversationAffinity.MoveUp };
        options.AdaptiveThreshold = new() { StrongShare = 0.3 };
        options.Split = new() { Name = "spring", Variants = [new() { Name = "control" }, new() { Name = "fewer", ThresholdShift = 0.1 }] };
        options.Spending = new() { Ledger = new CostLedger(new MemoryLedgerStore()) };
        options.Spending.Budgets.Add(new() { Name = "all", Limit = 1_000_000_000, Period = BudgetPeriod.Month });
        options.Spending.Budgets.Add(new() { Name = "tenants", Limit = 1_000_000_000, Period = BudgetPeriod.Day, Tenant = Budget.Each });
        return options;
    }
}
