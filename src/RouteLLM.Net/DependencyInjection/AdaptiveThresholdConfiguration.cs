namespace RouteLLM.DependencyInjection;

/// <summary>Reads <c>AdaptiveThreshold</c>: <c>StrongShare</c>, <c>MonthlyBudget</c>, <c>Memory</c>, <c>Gain</c> and <c>MinimumRequests</c>.</summary>
internal sealed class AdaptiveThresholdConfiguration : IFeatureConfiguration
{
    public string Section => nameof(RoutedChatClientOptions.AdaptiveThreshold);

    public void Bind(ConfigurationReader section, RoutedChatClientOptions options)
    {
        AdaptiveThresholdOptions adaptive = options.AdaptiveThreshold ??= new();
        section.Share(nameof(adaptive.StrongShare), value => adaptive.StrongShare = value);
        section.Money(nameof(adaptive.MonthlyBudget), value => adaptive.MonthlyBudget = value);
        section.Whole(nameof(adaptive.Memory), value => adaptive.Memory = value);
        section.Number(nameof(adaptive.Gain), value => adaptive.Gain = value);
        section.Whole(nameof(adaptive.MinimumRequests), value => adaptive.MinimumRequests = value);
    }
}
