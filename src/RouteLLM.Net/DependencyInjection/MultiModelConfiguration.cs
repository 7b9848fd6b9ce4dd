using Microsoft.Extensions.Configuration;

namespace RouteLLM.DependencyInjection;

/// <summary>Reads the routes and the policy of a client with any number of models.</summary>
internal static class MultiModelConfiguration
{
    // By kind. The first is what a policy without a kind is.
    private static readonly (string Kind, Func<ConfigurationReader, RoutingPolicyFactory> Read)[] s_policies =
    [
        (ThresholdPolicyFactory.Kind, ReadThreshold),
        (LadderPolicyFactory.Kind, ReadLadder),
        (BestValuePolicyFactory.Kind, ReadBestValue),
        (CheapestAbovePolicyFactory.Kind, ReadCheapestAbove),
    ];

    /// <param name="watch">Has a file that the configuration names watched for changes; called before it is read.</param>
    public static void Bind(IConfiguration configuration, MultiModelRoutingOptions options, Action<string>? watch = null)
    {
        var reader = new ConfigurationReader(configuration, watch);
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Items(nameof(options.Routes), section => ReadRoute(section, options, names));
        reader.Section(nameof(options.Policy), section => options.Policy = ReadPolicy(section));
        RoutingConfiguration.BindCommon(reader, options);
    }

    private static void ReadRoute(ConfigurationReader reader, MultiModelRoutingOptions options, HashSet<string> names)
    {
        ModelRouteOptions route = options.Route(ReadName(reader, "the route's name", names));
        reader.Text(nameof(route.ClientKey), value => route.ClientKey = value);
        reader.Text(nameof(route.ModelId), value => route.ModelId = value);
        route.Profile = ModelProfileConfiguration.Read(reader, route.Profile);
        var deployments = new HashSet<string>(StringComparer.Ordinal);
        reader.Items(nameof(route.Deployments), section => ReadDeployment(section, route, deployments));
    }

    // One of a name that code has given values to already is the same one; two of a name in the configuration are a mistake.
    private static string ReadName(ConfigurationReader reader, string expected, HashSet<string> names)
    {
        string name = reader.Text("Name") ?? throw reader.Missing("Name", expected);
        return names.Add(name) ? name : throw reader.Error("Name", name, "a name that no other in the list has");
    }

    private static void ReadDeployment(ConfigurationReader reader, ModelRouteOptions route, HashSet<string> names)
    {
        ModelDeploymentOptions deployment = route.Deployment(ReadName(reader, "the deployment's name", names));
        reader.Text(nameof(deployment.ClientKey), value => deployment.ClientKey = value);
        reader.Number(nameof(deployment.Weight), value => deployment.Weight = value, "a number above 0");
        reader.Text(nameof(deployment.Region), value => deployment.Region = value);
        reader.Text(nameof(deployment.ModelId), value => deployment.ModelId = value);
    }

    private static RoutingPolicyFactory ReadPolicy(ConfigurationReader reader)
    {
        string kind = reader.Text("Kind") ?? s_policies[0].Kind;
        return Array.Find(s_policies, policy => string.Equals(policy.Kind, kind, StringComparison.OrdinalIgnoreCase)).Read is { } read
            ? read(reader)
            : throw reader.Error("Kind", kind, string.Join(" or ", s_policies.Select(static policy => policy.Kind)));
    }

    private static ThresholdPolicyFactory ReadThreshold(ConfigurationReader reader)
    {
        var options = new ThresholdPolicyFactory();
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

    private static LadderPolicyFactory ReadLadder(ConfigurationReader reader)
    {
        var factory = new LadderPolicyFactory();
        reader.Text(nameof(factory.Router), value => factory.Router = value);
        reader.Texts(nameof(factory.Thresholds), values => factory.Thresholds = ReadShares(reader, nameof(factory.Thresholds), values));
        reader.Texts(nameof(factory.Shares), values => factory.Shares = ReadShares(reader, nameof(factory.Shares), values));
        ReadLimits(reader, factory.Options);
        return factory;
    }

    private static BestValuePolicyFactory ReadBestValue(ConfigurationReader reader)
    {
        var factory = new BestValuePolicyFactory();
        reader.Number(nameof(factory.Options.QualityPerDollar), value => factory.Options.QualityPerDollar = value);
        ReadQuality(reader, factory, factory.Options);
        return factory;
    }

    private static CheapestAbovePolicyFactory ReadCheapestAbove(ConfigurationReader reader)
    {
        var factory = new CheapestAbovePolicyFactory();
        reader.Share(nameof(factory.Options.MinQuality), value => factory.Options.MinQuality = value);
        ReadQuality(reader, factory, factory.Options);
        return factory;
    }

    private static void ReadQuality(ConfigurationReader reader, QualityPolicyFactory factory, QualityPolicyOptions options)
    {
        reader.Text(nameof(factory.Predictor), value => factory.Predictor = value);
        reader.Number(nameof(options.ExpectedOutputTokens), value => options.ExpectedOutputTokens = value);
        reader.Entries(nameof(options.Aliases), (route, model) => options.Aliases[route] = model);
        ReadLimits(reader, options);
    }

    private static void ReadLimits(ConfigurationReader reader, PredictionPolicyOptions options)
    {
        reader.Time(nameof(options.Timeout), value => options.Timeout = value);
        reader.Name<RouterFallback>(nameof(options.Fallback), value => options.Fallback = value);
    }

    private static double[] ReadShares(ConfigurationReader reader, string key, IReadOnlyList<string> values) =>
        [.. values.Select(text => ConfigurationReader.TryParseNumber(text, out double value) ? value : throw reader.Error(key, text, "a number in [0, 1]"))];
}
