namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>Safety</c>: <c>Timeout</c>, <c>OnFailure</c>, <c>Pii</c> (true, or kinds of personal data), <c>PromptInjection</c> (true) and <c>Rules</c> with the names of <see cref="SafetyRule"/>'s properties. Other classifiers are added in code.</summary>
internal sealed class SafetyConfiguration : IFeatureConfiguration
{
    private const string Pii = "Pii";
    private const string PromptInjection = "PromptInjection";

    public string Section => nameof(RoutedChatClientOptions.Safety);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        SafetyOptions safety = options.Safety ??= new();
        section.Time(nameof(safety.Timeout), value => safety.Timeout = value);
        section.Name<SafetyFailure>(nameof(safety.OnFailure), value => safety.OnFailure = value);
        BindPii(section, safety);
        section.Flag(PromptInjection, isOn =>
        {
            if (isOn)
            {
                safety.Classifiers.Add(new PromptInjectionClassifier());
            }
        });
        section.Items(nameof(safety.Rules), item =>
        {
            var rule = new SafetyRule { Target = item.Text(nameof(SafetyRule.Target)) };
            item.Text(nameof(rule.Category), value => rule = rule with { Category = value });
            item.Share(nameof(rule.MinConfidence), value => rule = rule with { MinConfidence = value });
            item.Name<SafetyAction>(nameof(rule.Action), value => rule = rule with { Action = value });
            safety.Rules.Add(rule);
        });
    }

    // True for all kinds, or a list of kinds.
    private static void BindPii(ConfigurationReader section, SafetyOptions safety)
    {
        string[] kinds = section.List(Pii);
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
            throw section.Error(Pii, string.Join(", ", kinds), "true or a list of kinds", error);
        }
    }
}
