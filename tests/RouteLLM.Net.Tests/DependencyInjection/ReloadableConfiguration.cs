using Microsoft.Extensions.Configuration;

namespace RouteLLM.Tests.DependencyInjection;

/// <summary>A configuration whose values change when a test says so, as a watched file's do.</summary>
internal sealed class ReloadableConfiguration : ConfigurationProvider, IConfigurationSource
{
    public ReloadableConfiguration(params (string Key, string? Value)[] values)
    {
        Assign(values);
        Root = new ConfigurationBuilder().Add(this).Build();
    }

    public IConfigurationRoot Root { get; }

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Replaces all values at once, and tells; throws what those who are told throw.</summary>
    public void Change(params (string Key, string? Value)[] values)
    {
        Assign(values);
        OnReload();
    }

    private void Assign((string Key, string? Value)[] values) =>
        Data = values.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.OrdinalIgnoreCase);
}
