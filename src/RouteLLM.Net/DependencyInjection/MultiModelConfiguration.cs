using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads the routes and the policy of a client with any number of models.</summary>
internal static class MultiModelConfiguration
{
    // By kind. The first is what a policy without a kind is.
    private static readonly (string Kind, Func<ConfigurationReader, RoutingPolicyOptions> Read)[] s_policies = [(ThresholdPolicyOptions.Kind, ReadThreshold)];

    /// <param name="watch">Has a file that the configuration names watched for changes; called before it is read.</param>
    public static void Bind(IConfiguration configuration, MultiModelRoutingOptions options, Action<string>? watch = null)
    {
        var reader = new ConfigurationReader(configuration, watch);
        reader.Items(nameof(options.Routes), section => ReadRoute(section, options));
        reader.Section(nameof(options.Policy), section => options.Policy = ReadPolicy(section));
        RoutingConfiguration.BindCommon(reader, options);
    }

    private static void ReadRoute(ConfigurationReader reader, MultiModelRoutingOptions options)
    {
        ModelRouteOptions route = options.Route(reader.Text(nameof(ModelRouteOptions.Name)) ?? throw reader.Missing(nameof(ModelRouteOptions.Name), "the route's name"));
        reader.Text(nameof(route.ClientKey), value => route.ClientKey = value);
        reader.Text(nameof(route.ModelId), value => route.ModelId = value);
        route.Profile = ModelProfileConfiguration.Read(reader, route.Profile);
    }

    private static RoutingPolicyOptions ReadPolicy(ConfigurationReader reader)
    {
        string kind = reader.Text("Kind") ?? s_policies[0].Kind;
        return Array.Find(s_policies, policy => string.Equals(policy.Kind, kind, StringComparison.OrdinalIgnoreCase)).Read is { } read
            ? read(reader)
            : throw reader.Error("Kind", kind, string.Join(" or ", s_policies.Select(static policy => policy.Kind)));
    }

    private static ThresholdPolicyOptions ReadThreshold(ConfigurationReader reader)
    {
        var options = new ThresholdPolicyOptions();
        reader.Text(nameof(options.Strong), value => options.Strong = value);
        reader.Text(nameof(options.Weak), value => options.Weak = value);
        reader.Text(nameof(options.Router), value => options.Router = value);
        reader.Share(nameof(options.Threshold), value => options.Threshold = value);
        reader.Share(nameof(options.StrongShare), value => options.StrongShare = value);
        RoutingConfiguration.BindCalibration(reader, value => options.Calibration = value);
        reader.Time(nameof(options.RouterTimeout), value => options.RouterTimeout = value);
        reader.Name<RouterFallback>(nameof(options.RouterFallback), value => options.RouterFallback = value);
        return options;
    }
}
