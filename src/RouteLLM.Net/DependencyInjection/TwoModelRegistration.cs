using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>A registered client with a strong and a weak model, whose clients factories give, or the container by the keys <c>strong</c> and <c>weak</c>.</summary>
internal sealed class TwoModelRegistration(object? serviceKey, Func<IServiceProvider, IChatClient>? strong, Func<IServiceProvider, IChatClient>? weak)
    : RoutingRegistration<TwoModelRoutingOptions>(serviceKey)
{
    public override IEnumerable<string> FindErrors(TwoModelRoutingOptions options, IServiceProvider services)
    {
        foreach (string error in options.FindErrors().Concat(FindUnknownRoutes(options, [RoutedChatClient.StrongRoute, RoutedChatClient.WeakRoute])))
        {
            yield return error;
        }

        if (strong is null && services.GetService<IServiceProviderIsKeyedService>() is { } keyed)
        {
            foreach (string key in (string[])[RoutedChatClient.StrongRoute, RoutedChatClient.WeakRoute])
            {
                if (!keyed.IsKeyedService(typeof(IChatClient), key))
                {
                    yield return $"No chat client is registered under the key \"{key}\": register it with AddKeyedChatClient(\"{key}\", ...), or pass factories to AddRoutedChatClient.";
                }
            }
        }

        if (FindRouterError(options) is { } routerError)
        {
            yield return routerError;
        }
    }

    /// <summary>Says what is wrong with the router that options name, or with what they want of it.</summary>
    internal static string? FindRouterError(TwoModelRoutingOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Router))
        {
            return $"Router is empty; name a registered router, such as {RouterRegistry.BuiltInName}.";
        }

        try
        {
            IRouter router = TwoModelPlan.FindRouter(options.Routers ?? new RouterRegistry(), options.Router);
            return options.StrongShare is not null && router.GetService<ScoreQuantiles>() is null
                ? $"StrongShare is {options.StrongShare}, but the router '{options.Router}' knows no quantiles of its scores to turn a share into a threshold; set Threshold instead, or a Calibration, as 'routellm calibrate' makes it."
                : options.Calibration?.FindMismatch(router);
        }
        catch (ArgumentException error)
        {
            return error.Message;
        }
    }

    protected override Func<TwoModelRoutingOptions, RoutingPlan> MakePlans(IServiceProvider services, RoutingState state)
    {
        IChatClient strongClient = MakeModel(services, strong, RoutedChatClient.StrongRoute);
        IChatClient weakClient = MakeModel(services, weak, RoutedChatClient.WeakRoute);
        TimeProvider? timeProvider = services.GetService<TimeProvider>();
        return options => TwoModelPlan.Create(strongClient, weakClient, router: null, options, ownsStrong: false, ownsWeak: false, timeProvider, state);
    }

    private static IChatClient MakeModel(IServiceProvider services, Func<IServiceProvider, IChatClient>? factory, string route) =>
        factory is null ? services.GetRequiredKeyedService<IChatClient>(route)
        : factory(services) ?? throw new InvalidOperationException($"The factory of the {route} client, given to AddRoutedChatClient, returned null; it must return a chat client.");
}
