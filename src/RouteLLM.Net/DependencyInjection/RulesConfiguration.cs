namespace RouteLLM.DependencyInjection;

/// <summary>Reads rules and the thresholds of tenants and users: <c>Rules</c>, whose items have the names of <see cref="RoutingRule"/>'s properties, <c>TenantThresholds</c> and <c>UserThresholds</c>.</summary>
internal static class RulesConfiguration
{
    private const string Threshold = "a number in [0, 1]";
    private const string Length = "a number of characters";

    public static void Bind(ConfigurationReader reader, RoutedChatClientOptions options)
    {
        reader.Items(nameof(options.Rules), item => options.Rules.Add(ReadRule(item)));
        reader.Numbers(nameof(options.TenantThresholds), Threshold, (tenant, value) => options.TenantThresholds[tenant] = value);
        reader.Numbers(nameof(options.UserThresholds), Threshold, (user, value) => options.UserThresholds[user] = value);
    }

    private static RoutingRule ReadRule(ConfigurationReader item)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        item.Entries(nameof(RoutingRule.Metadata), metadata.Add);
        var rule = new RoutingRule
        {
            Name = item.Text(nameof(RoutingRule.Name)),
            Keywords = item.List(nameof(RoutingRule.Keywords)),
            Pattern = item.Text(nameof(RoutingRule.Pattern)),
            Languages = item.List(nameof(RoutingRule.Languages)),
            Metadata = metadata,
            Tenants = item.List(nameof(RoutingRule.Tenants)),
            Users = item.List(nameof(RoutingRule.Users)),
            Domains = item.List(nameof(RoutingRule.Domains)),
            Examples = item.List(nameof(RoutingRule.Examples)),
            Route = item.Text(nameof(RoutingRule.Route)),
        };
        item.Time(nameof(rule.PatternTimeout), value => rule = rule with { PatternTimeout = value });
        item.Whole(nameof(rule.MinLength), value => rule = rule with { MinLength = value }, Length);
        item.Whole(nameof(rule.MaxLength), value => rule = rule with { MaxLength = value }, Length);
        item.Number(nameof(rule.MinSimilarity), value => rule = rule with { MinSimilarity = value }, "a number in (0, 1]");
        item.Number(nameof(rule.Threshold), value => rule = rule with { Threshold = value }, Threshold);
        item.Number(nameof(rule.Shift), value => rule = rule with { Shift = value }, "a number in [-1, 1]");
        return rule;
    }
}
