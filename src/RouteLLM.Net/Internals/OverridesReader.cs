using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RouteLLM.Internals;

/// <summary>Reads what a request asks for from its options: a model id, and the settings that <c>ChatOptions</c> extension methods leave there.</summary>
internal static class OverridesReader
{
    public static RouteOverrides? Read(ChatOptions? options, RoutingPlan plan)
    {
        if (options is null)
        {
            return null;
        }

        RouteOverrides? overrides = ReadProperties(options.AdditionalProperties, plan);
        return string.IsNullOrEmpty(options.ModelId) ? overrides : ReadModelId(options.ModelId, overrides ?? new(), plan);
    }

    private static RouteOverrides ReadModelId(string modelId, RouteOverrides overrides, RoutingPlan plan)
    {
        if (plan.FindRouteByNameOrModelId(modelId) is { } route)
        {
            return overrides with { Route = overrides.Route ?? route.Name };
        }

        if (!modelId.StartsWith(RouterModelId.Prefix, StringComparison.Ordinal) && modelId != "router")
        {
            return plan.IgnoreUnknownModelIds
                ? overrides
                : throw Error($"Model id '{modelId}' is no route's. Leave it out to have the request routed, or set {nameof(RoutedChatClientOptions.IgnoreUnknownModelIds)} to have such ids ignored.", plan);
        }

        if (!RouterModelId.TryParse(modelId, out RouterModelId wanted))
        {
            throw Error($"Model id '{modelId}' is malformed.", plan);
        }

        return plan.HasRouter(wanted.Router)
            ? overrides with { Router = wanted.Router, Threshold = wanted.Threshold, StrongShare = null }
            : throw Error($"Model id '{modelId}' asks for the router '{wanted.Router}', which is not registered.", plan);
    }

    private static RouteOverrides? ReadProperties(AdditionalPropertiesDictionary? properties, RoutingPlan plan)
    {
        if (properties is null or { Count: 0 })
        {
            return null;
        }

        var overrides = new RouteOverrides(
            ReadString(properties, RoutingKeys.Route),
            ReadString(properties, RoutingKeys.Router),
            ReadShare(properties, RoutingKeys.Threshold),
            ReadShare(properties, RoutingKeys.StrongShare),
            ReadString(properties, RoutingKeys.Group),
            ReadString(properties, RoutingKeys.Tenant),
            ReadString(properties, RoutingKeys.User),
            ReadString(properties, RoutingKeys.Conversation));
        if (overrides is { Threshold: not null, StrongShare: not null })
        {
            throw new ArgumentException($"The request sets both a threshold ({overrides.Threshold}) and a strong share ({overrides.StrongShare}); set exactly one of them.");
        }

        if (overrides.Route is { } name)
        {
            ModelRoute route = plan.FindRouteByNameOrModelId(name) ?? throw Error($"The request asks for the route '{name}', which there is not.", plan);
            overrides = overrides with { Route = route.Name };
        }

        return overrides.Router is null || plan.HasRouter(overrides.Router)
            ? overrides
            : throw Error($"The request asks for the router '{overrides.Router}', which is not registered.", plan);
    }

    private static string? ReadString(AdditionalPropertiesDictionary properties, string key) =>
        !properties.TryGetValue(key, out object? value) || value is null ? null
        : value is string text ? text
        : value is JsonElement { ValueKind: JsonValueKind.String } json ? json.GetString()
        : throw new ArgumentException($"The additional property '{key}' is a {value.GetType().Name}, but a string is expected.");

    private static double? ReadShare(AdditionalPropertiesDictionary properties, string key)
    {
        if (!properties.TryGetValue(key, out object? value) || value is null)
        {
            return null;
        }

        double number = value switch
        {
            double or float or decimal or int or long => Convert.ToDouble(value, CultureInfo.InvariantCulture),
            JsonElement { ValueKind: JsonValueKind.Number } json => json.GetDouble(),
            string text when double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double parsed) => parsed,
            _ => double.NaN,
        };
        return number is >= 0 and <= 1
            ? number
            : throw new ArgumentException($"The additional property '{key}' is '{value}', but a number in [0, 1] is expected.");
    }

    private static ArgumentException Error(string what, RoutingPlan plan) =>
        new($"{what} A model id is either {RouterModelId.Form}, or names a route or its model. " +
            $"Routers: {string.Join(", ", plan.RouterNames)}. Routes: {string.Join(", ", plan.Routes)}.");
}
