using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads options from a configuration, by the names of their properties or by RouteLLM's flat environment keys.</summary>
internal static class RoutingConfiguration
{
    // One for each feature that has a section of its own.
    private static readonly IFeatureConfiguration[] s_features =
    [
        new ConversationsConfiguration(), new AdaptiveThresholdConfiguration(), new ResilienceConfiguration(), new SpendingConfiguration(), new SplitConfiguration(), new SafetyConfiguration(),
    ];

    /// <param name="watch">Has a file that the configuration names watched for changes; called before it is read.</param>
    public static void Bind(IConfiguration configuration, TwoModelRoutingOptions options, Action<string>? watch = null)
    {
        var reader = new ConfigurationReader(configuration, watch);
        reader.Text("STRONG_MODEL", value => options.StrongModel = value);
        reader.Text("WEAK_MODEL", value => options.WeakModel = value);
        reader.Text("ROUTER_TYPE", value => options.Router = value);
        reader.Share("ROUTER_THRESHOLD", value => options.Threshold = value);

        reader.Text(nameof(options.StrongModel), value => options.StrongModel = value);
        reader.Text(nameof(options.WeakModel), value => options.WeakModel = value);
        reader.Text(nameof(options.Router), value => options.Router = value);
        reader.Share(nameof(options.Threshold), value => options.Threshold = value);
        reader.Share(nameof(options.StrongShare), value => options.StrongShare = value);
        BindCalibration(reader, value => options.Calibration = value);
        reader.Time(nameof(options.RouterTimeout), value => options.RouterTimeout = value);
        reader.Name<RouterFallback>(nameof(options.RouterFallback), value => options.RouterFallback = value);
        reader.Section(nameof(options.StrongProfile), section => options.StrongProfile = ModelProfileConfiguration.Read(section, options.StrongProfile));
        reader.Section(nameof(options.WeakProfile), section => options.WeakProfile = ModelProfileConfiguration.Read(section, options.WeakProfile));
        BindCommon(reader, options);
    }

    /// <summary>Reads what all routed clients have.</summary>
    public static void BindCommon(ConfigurationReader reader, RoutedChatClientOptions options)
    {
        reader.Flag(nameof(options.FailOver), value => options.FailOver = value);
        reader.Flag(nameof(options.IgnoreUnknownModelIds), value => options.IgnoreUnknownModelIds = value);
        reader.Flag(nameof(options.EnableSensitiveData), value => options.EnableSensitiveData = value);
        reader.Parse<PromptSelector>(nameof(options.PromptSelector), TryParsePromptSelector, "LastUserMessage, FollowUpsInContext, WholeConversation or LastTurns:3", value => options.PromptSelector = value);
        RulesConfiguration.Bind(reader, options);
        foreach (IFeatureConfiguration feature in s_features)
        {
            reader.Section(feature.Section, section => feature.Bind(section, options));
        }

        reader.ThrowIfUnread();
    }

    public static void BindCalibration(ConfigurationReader reader, Action<RouterCalibration> set) =>
        reader.File(nameof(TwoModelRoutingOptions.Calibration), "a calibration file", RouterCalibration.Load, set);

    private static bool TryParsePromptSelector(string text, out PromptSelector value)
    {
        const string LastTurns = "LastTurns:";
        if (text.StartsWith(LastTurns, StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(LastTurns.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
        {
            value = PromptSelector.LastTurns(count);
            return true;
        }

        (string Name, PromptSelector Selector)[] selectors =
        [
            (nameof(PromptSelector.LastUserMessage), PromptSelector.LastUserMessage),
            (nameof(PromptSelector.FollowUpsInContext), PromptSelector.FollowUpsInContext),
            (nameof(PromptSelector.WholeConversation), PromptSelector.WholeConversation),
        ];
        (string? name, value) = Array.Find(selectors, selector => string.Equals(selector.Name, text, StringComparison.OrdinalIgnoreCase));
        return name is not null;
    }
}
