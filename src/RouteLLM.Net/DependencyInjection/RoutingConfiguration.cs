using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads options from a configuration, by the names of their properties or by RouteLLM's flat environment keys.</summary>
internal static class RoutingConfiguration
{
    public delegate bool TryParse<T>(string text, out T value);

    public static void Bind(IConfiguration configuration, TwoModelRoutingOptions options)
    {
        options.StrongModel = ReadText(configuration, "STRONG_MODEL") ?? options.StrongModel;
        options.WeakModel = ReadText(configuration, "WEAK_MODEL") ?? options.WeakModel;
        options.Router = ReadText(configuration, "ROUTER_TYPE") ?? options.Router;
        Read<double>(configuration, "ROUTER_THRESHOLD", TryParseNumber, "a number in [0, 1]", value => options.Threshold = value);

        options.StrongModel = ReadText(configuration, nameof(options.StrongModel)) ?? options.StrongModel;
        options.WeakModel = ReadText(configuration, nameof(options.WeakModel)) ?? options.WeakModel;
        options.Router = ReadText(configuration, nameof(options.Router)) ?? options.Router;
        Read<double>(configuration, nameof(options.Threshold), TryParseNumber, "a number in [0, 1]", value => options.Threshold = value);
        Read<double>(configuration, nameof(options.StrongShare), TryParseNumber, "a number in [0, 1]", value => options.StrongShare = value);
        ReadCalibration(configuration, options);
        Read<TimeSpan>(configuration, nameof(options.RouterTimeout), TryParseTime, "a time such as 00:00:05", value => options.RouterTimeout = value);
        Read<RouterFallback>(configuration, nameof(options.RouterFallback), TryParseFallback, "Strong or Weak", value => options.RouterFallback = value);
        Read<bool>(configuration, nameof(options.FailOver), bool.TryParse, "true or false", value => options.FailOver = value);
        Read<bool>(configuration, nameof(options.IgnoreUnknownModelIds), bool.TryParse, "true or false", value => options.IgnoreUnknownModelIds = value);
        Read<bool>(configuration, nameof(options.EnableSensitiveData), bool.TryParse, "true or false", value => options.EnableSensitiveData = value);
        Read<PromptSelector>(configuration, nameof(options.PromptSelector), TryParsePromptSelector, "LastUserMessage, WholeConversation or LastTurns:3", value => options.PromptSelector = value);
        RulesConfiguration.Bind(configuration, options);
        SafetyConfiguration.Bind(configuration, options);
    }

    // An environment file sets a variable to nothing to leave it out.
    public static string? ReadText(IConfiguration configuration, string key) => configuration[key] is { Length: > 0 } text ? text : null;

    public static void Read<T>(IConfiguration configuration, string key, TryParse<T> tryParse, string expected, Action<T> set)
    {
        if (ReadText(configuration, key) is { } text)
        {
            set(tryParse(text, out T value) ? value : throw new InvalidOperationException($"The configuration value {PathOf(configuration, key)} is '{text}', but {expected} is expected."));
        }
    }

    private static void ReadCalibration(IConfiguration configuration, TwoModelRoutingOptions options)
    {
        const string Key = nameof(options.Calibration);
        if (ReadText(configuration, Key) is not { } path)
        {
            return;
        }

        try
        {
            options.Calibration = RouterCalibration.Load(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidCalibrationException)
        {
            throw new InvalidOperationException($"The configuration value {PathOf(configuration, Key)} is '{path}', but a calibration file is expected: {error.Message}", error);
        }
    }

    public static string PathOf(IConfiguration configuration, string key) => configuration is IConfigurationSection section ? ConfigurationPath.Combine(section.Path, key) : key;

    public static bool TryParseNumber(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    // "5" would be five days to TimeSpan, which no one means.
    public static bool TryParseTime(string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value) && text.Contains(':');

    private static bool TryParseFallback(string text, out RouterFallback value) => Enum.TryParse(text, ignoreCase: true, out value);

    private static bool TryParsePromptSelector(string text, out PromptSelector value)
    {
        const string LastTurns = "LastTurns:";
        if (text.StartsWith(LastTurns, StringComparison.OrdinalIgnoreCase) && int.TryParse(text.AsSpan(LastTurns.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0)
        {
            value = PromptSelector.LastTurns(count);
            return true;
        }

        value = string.Equals(text, nameof(PromptSelector.WholeConversation), StringComparison.OrdinalIgnoreCase) ? PromptSelector.WholeConversation : PromptSelector.LastUserMessage;
        return value == PromptSelector.WholeConversation || string.Equals(text, nameof(PromptSelector.LastUserMessage), StringComparison.OrdinalIgnoreCase);
    }
}
