using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>Validates the options of one routed client, together with what they refer to: the router they name, and the clients that are to be found in the container.</summary>
internal sealed class TwoModelRoutingOptionsValidator(RoutedChatClientRegistration registration, IServiceProvider services) : IValidateOptions<TwoModelRoutingOptions>
{
    public ValidateOptionsResult Validate(string? name, TwoModelRoutingOptions options)
    {
        if (name != registration.Name)
        {
            return ValidateOptionsResult.Skip;
        }

        List<string> errors = [.. options.FindErrors(), .. FindMissingClients(), .. options.Split?.FindErrors(options.Routers ?? new RouterRegistry()) ?? []];
        if (FindRouterError(options) is { } routerError)
        {
            errors.Add(routerError);
        }

        return errors.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(errors.Select(error => $"Routed chat client{(name.Length == 0 ? "" : $" '{name}'")}: {error}"));
    }

    private IEnumerable<string> FindMissingClients() =>
        services.GetService<IServiceProviderIsKeyedService>() is { } keyed
            ? registration.RequiredClients
                .Where(key => !keyed.IsKeyedService(typeof(IChatClient), key))
                .Select(key => $"No chat client is registered under the key \"{key}\": register it with AddKeyedChatClient(\"{key}\", ...), or pass factories to AddRoutedChatClient.")
            : [];

    private static string? FindRouterError(TwoModelRoutingOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Router))
        {
            return $"Router is empty; name a registered router, such as {RouterRegistry.BuiltInName}.";
        }

        try
        {
            IRouter router = TwoModelPlan.FindRouter(options.Routers ?? new RouterRegistry(), options.Router);
            return options.StrongShare is not null && router.GetService<ScoreQuantiles>() is null
                ? $"StrongShare is {options.StrongShare}, but the router '{options.Router}' knows no quantiles of its scores to turn a share into a threshold; set Threshold instead."
                : options.Calibration?.FindMismatch(router);
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }
}
