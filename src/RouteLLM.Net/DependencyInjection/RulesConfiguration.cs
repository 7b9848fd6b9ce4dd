using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads rules and the thresholds of tenants and users from a configuration: the sections <c>Rules</c>, <c>TenantThresholds</c> and <c>UserThresholds</c>.</summary>
internal static class RulesConfiguration
{
    public static void Bind(IConfiguration configuration, RoutedChatClientOptions options)
    {
        foreach (IConfigurationSection section in InOrder(configuration.GetSection(nameof(options.Rules))))
        {
            options.Rules.Add(ReadRule(section));
        }

        BindThresholds(configuration.GetSection(nameof(options.TenantThresholds)), options.TenantThresholds);
        BindThresholds(configuration.GetSection(nameof(options.UserThresholds)), options.UserThresholds);
    }

    /// <summary>Reads a list: its elements, or a text as the only one.</summary>
    public static string[] ReadList(IConfiguration configuration, string key)
    {
        IConfigurationSection section = configuration.GetSection(key);
        return section.Value is { Length: > 0 } single ? [single] : [.. InOrder(section).Select(static element => element.Value ?? "")];
    }

    /// <summary>Gives the elements of a list by their numbers; by name, 10 would come before 2.</summary>
    public static IEnumerable<IConfigurationSection> InOrder(IConfigurationSection list) =>
        list.GetChildren().OrderBy(static child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : int.MaxValue);

    private static RoutingRule ReadRule(IConfigurationSection section)
    {
        if (section.GetChildren().FirstOrDefault(static child => !s_keys.Contains(child.Key)) is { } unknown)
        {
            throw new InvalidOperationException($"The configuration section {section.Path} has '{unknown.Key}', which rules have not; they have: {string.Join(", ", s_keys)}.");
        }

        var rule = new RoutingRule
        {
            Name = RoutingConfiguration.ReadText(section, nameof(RoutingRule.Name)),
            Keywords = ReadList(section, nameof(RoutingRule.Keywords)),
            Pattern = RoutingConfiguration.ReadText(section, nameof(RoutingRule.Pattern)),
            Languages = ReadList(section, nameof(RoutingRule.Languages)),
            Metadata = section.GetSection(nameof(RoutingRule.Metadata)).GetChildren().ToDictionary(static child => child.Key, static child => child.Value ?? "", StringComparer.Ordinal),
            Tenants = ReadList(section, nameof(RoutingRule.Tenants)),
            Users = ReadList(section, nameof(RoutingRule.Users)),
            Domains = ReadList(section, nameof(RoutingRule.Domains)),
            Examples = ReadList(section, nameof(RoutingRule.Examples)),
            Route = RoutingConfiguration.ReadText(section, nameof(RoutingRule.Route)),
        };
        RoutingConfiguration.Read<TimeSpan>(section, nameof(rule.PatternTimeout), RoutingConfiguration.TryParseTime, "a time such as 00:00:00.05", value => rule = rule with { PatternTimeout = value });
        RoutingConfiguration.Read<int>(section, nameof(rule.MinLength), TryParseCount, "a number of characters", value => rule = rule with { MinLength = value });
        RoutingConfiguration.Read<int>(section, nameof(rule.MaxLength), TryParseCount, "a number of characters", value => rule = rule with { MaxLength = value });
        RoutingConfiguration.Read<double>(section, nameof(rule.MinSimilarity), RoutingConfiguration.TryParseNumber, "a number in (0, 1]", value => rule = rule with { MinSimilarity = value });
        RoutingConfiguration.Read<double>(section, nameof(rule.Threshold), RoutingConfiguration.TryParseNumber, "a number in [0, 1]", value => rule = rule with { Threshold = value });
        RoutingConfiguration.Read<double>(section, nameof(rule.Shift), RoutingConfiguration.TryParseNumber, "a number in [-1, 1]", value => rule = rule with { Shift = value });
        return rule;
    }

    private static readonly HashSet<string> s_keys = new(StringComparer.OrdinalIgnoreCase)
    {
        nameof(RoutingRule.Name), nameof(RoutingRule.Keywords), nameof(RoutingRule.Pattern), nameof(RoutingRule.PatternTimeout), nameof(RoutingRule.MinLength), nameof(RoutingRule.MaxLength),
        nameof(RoutingRule.Languages), nameof(RoutingRule.Metadata), nameof(RoutingRule.Tenants), nameof(RoutingRule.Users), nameof(RoutingRule.Domains), nameof(RoutingRule.Examples),
        nameof(RoutingRule.MinSimilarity), nameof(RoutingRule.Route), nameof(RoutingRule.Threshold), nameof(RoutingRule.Shift),
    };

    private static void BindThresholds(IConfigurationSection section, IDictionary<string, double> thresholds)
    {
        foreach (IConfigurationSection child in section.GetChildren())
        {
            RoutingConfiguration.Read<double>(section, child.Key, RoutingConfiguration.TryParseNumber, "a number in [0, 1]", value => thresholds[child.Key] = value);
        }
    }

    private static bool TryParseCount(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
