using System.Globalization;
using Microsoft.Extensions.Configuration;
using RouteLLM.Diagnostics;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads the options of decision logs and shadows, by the names of their properties. Once: a log and a shadow are not made anew when a configuration changes.</summary>
internal static class ObserverConfiguration
{
    public static DecisionLogOptions ReadLog(IConfiguration configuration)
    {
        var options = new DecisionLogOptions();
        var reader = new ConfigurationReader(configuration);
        options.Path = reader.Text(nameof(options.Path)) ?? throw reader.Missing(nameof(options.Path), "a file such as logs/decisions.jsonl");
        reader.Parse<long>(nameof(options.MaxFileBytes), TryParseBytes, "a number of bytes", value => options.MaxFileBytes = value);
        reader.Whole(nameof(options.RetainedFiles), value => options.RetainedFiles = value);
        reader.Whole(nameof(options.Capacity), value => options.Capacity = value);
        reader.Flag(nameof(options.FlushToDisk), value => options.FlushToDisk = value);
        reader.Time(nameof(options.RetryDelay), value => options.RetryDelay = value);
        reader.Flag(nameof(options.IncludePrompts), value => options.IncludePrompts = value);
        reader.Text(nameof(options.PromptKeySecret), value => options.PromptKeySecret = value);
        reader.ThrowIfUnread();
        return options;
    }

    /// <summary>Reads a shadow's options, its <c>Router</c> and its <c>Threshold</c>.</summary>
    public static (string Router, double Threshold, ShadowOptions Options) ReadShadow(IConfiguration configuration)
    {
        var options = new ShadowOptions();
        var reader = new ConfigurationReader(configuration);
        string router = reader.Text("Router") ?? throw reader.Missing("Router", "the name of a router");
        double? threshold = null;
        reader.Share("Threshold", value => threshold = value);
        reader.Share(nameof(options.SampleShare), value => options.SampleShare = value);
        reader.Whole(nameof(options.Capacity), value => options.Capacity = value);
        reader.Whole(nameof(options.MaxConcurrency), value => options.MaxConcurrency = value);
        reader.Time(nameof(options.Timeout), value => options.Timeout = value);
        reader.Whole(nameof(options.Seed), value => options.Seed = value);
        reader.ThrowIfUnread();
        return (router, threshold ?? throw reader.Missing("Threshold", "a number in [0, 1]"), options);
    }

    private static bool TryParseBytes(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
