using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads the section <c>Safety</c> of a configuration. Classifiers other than those for personal data (<c>Pii</c>) and prompt injection (<c>PromptInjection</c>) are added in code.</summary>
internal static class SafetyConfiguration
{
    private const string Pii = "Pii";
    private const string PromptInjection = "PromptInjection";

    public static void Bind(IConfiguration configuration, RoutedChatClientOptions options)
    {
        IConfigurationSection section = configuration.GetSection(nameof(options.Safety));
        if (!section.Exists())
        {
            return;
        }

        SafetyOptions safety = options.Safety ??= new();
        RoutingConfiguration.Read<TimeSpan>(section, nameof(safety.Timeout), RoutingConfiguration.TryParseTime, "a time such as 00:00:02", value => safety.Timeout = value);
        RoutingConfiguration.Read<SafetyFailure>(section, nameof(safety.OnFailure), TryParseEnum, "Refuse or Allow", value => safety.OnFailure = value);
        BindPii(section, safety);
        RoutingConfiguration.Read<bool>(section, PromptInjection, bool.TryParse, "true or false", isOn =>
        {
            if (isOn)
            {
                safety.Classifiers.Add(new PromptInjectionClassifier());
            }
        });
        foreach (IConfigurationSection child in RulesConfiguration.InOrder(section.GetSection(nameof(safety.Rules))))
        {
            var rule = new SafetyRule { Target = RoutingConfiguration.ReadText(child, nameof(SafetyRule.Target)) };
            rule = RoutingConfiguration.ReadText(child, nameof(rule.Category)) is { } category ? rule with { Category = category } : rule;
            RoutingConfiguration.Read<double>(child, nameof(rule.MinConfidence), RoutingConfiguration.TryParseNumber, "a number in [0, 1]", value => rule = rule with { MinConfidence = value });
            RoutingConfiguration.Read<SafetyAction>(child, nameof(rule.Action), TryParseEnum, string.Join(", ", Enum.GetNames<SafetyAction>()), value => rule = rule with { Action = value });
            safety.Rules.Add(rule);
        }
    }

    // True for all kinds, or a list of kinds.
    private static void BindPii(IConfigurationSection section, SafetyOptions safety)
    {
        string[] kinds = RulesConfiguration.ReadList(section, Pii);
        if (kinds is [] || (kinds is [var no] && bool.TryParse(no, out bool isOn) && !isOn))
        {
            return;
        }

        try
        {
            safety.Classifiers.Add(kinds is [var yes] && bool.TryParse(yes, out _) ? new RegexPiiClassifier() : new RegexPiiClassifier(kinds));
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"The configuration value {ConfigurationPath.Combine(section.Path, Pii)} is '{string.Join(", ", kinds)}', but true or a list of kinds is expected: {error.Message}", error);
        }
    }

    private static bool TryParseEnum<T>(string text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && Enum.IsDefined(value);
}
