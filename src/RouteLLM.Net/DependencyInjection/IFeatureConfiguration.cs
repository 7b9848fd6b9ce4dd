namespace RouteLLM.DependencyInjection;

/// <summary>Reads one feature's section of a configuration into the options that all routed clients have.</summary>
internal interface IFeatureConfiguration
{
    /// <summary>Gets the section's name.</summary>
    string Section { get; }

    /// <summary>Reads the section, which is there.</summary>
    void Bind(ConfigurationReader section, RoutedChatClientOptions options);
}
