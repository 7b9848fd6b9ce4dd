using System.Diagnostics.Metrics;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RouteLLM.Internals;

namespace RouteLLM.DependencyInjection;

/// <summary>One registered routed client: where its two models' clients come from, and how it is made.</summary>
internal sealed class RoutedChatClientRegistration(object? serviceKey, Func<IServiceProvider, IChatClient>? strong, Func<IServiceProvider, IChatClient>? weak)
{
    private int _hinted;

    /// <summary>Gets the name of the options.</summary>
    public string Name { get; } = serviceKey?.ToString() ?? Options.DefaultName;

    /// <summary>Gets the keys of the chat clients that are to be found in the container.</summary>
    public IEnumerable<string> RequiredClients => strong is null ? [RoutedChatClient.StrongRoute, RoutedChatClient.WeakRoute] : [];

    public IChatClient CreateClient(IServiceProvider services) =>
        SelfReferenceGuard.Make(this, () => $"the routed chat client{(serviceKey is null ? "" : $" '{serviceKey}'")}", () => Create(services));

    private static IChatClient MakeModel(IServiceProvider services, Func<IServiceProvider, IChatClient>? factory, string route) =>
        factory is null ? services.GetRequiredKeyedService<IChatClient>(route)
        : factory(services) ?? throw new InvalidOperationException($"The factory of the {route} client, given to AddRoutedChatClient, returned null; it must return a chat client.");

    private RoutedChatClient Create(IServiceProvider services)
    {
        LiveRoutingOptions options = services.GetRequiredKeyedService<LiveRoutingOptions>(this);
        IChatClient strongClient = MakeModel(services, strong, RoutedChatClient.StrongRoute);
        IChatClient weakClient = MakeModel(services, weak, RoutedChatClient.WeakRoute);
        TimeProvider? timeProvider = services.GetService<TimeProvider>();
        RoutingPlan MakePlan(TwoModelRoutingOptions current) =>
            TwoModelPlan.Create(strongClient, weakClient, router: null, current, ownsStrong: false, ownsWeak: false, timeProvider);

        // A client that is made per scope gives its hints once, not for every scope.
        bool hint = Interlocked.Exchange(ref _hinted, 1) == 0;
        RoutedChatClient? client = null;
        options.Follow(
            current =>
            {
                if (client is null)
                {
                    client = new RoutedChatClient(MakePlan(current), services.GetService<ILoggerFactory>(), services.GetService<IMeterFactory>(), hint, options.Health);
                }
                else
                {
                    client.Follow(MakePlan(current));
                }
            },
            out Action stopFollowing);
        client!.OnDispose(stopFollowing);
        return client;
    }
}
