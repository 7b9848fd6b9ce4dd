using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.DependencyInjection;

/// <summary>The routers of a container: its keyed <see cref="IRouter"/> services, and the built-in one.</summary>
internal sealed class ServiceRouterRegistry(IServiceProvider services, IEnumerable<ServiceDescriptor> descriptors) : IRouterRegistry
{
    // A provider cannot list its keys, but the collection it was built from can.
    public IReadOnlyCollection<string> Names => RouterRegistry.WithBuiltIn(
        descriptors.Where(static descriptor => descriptor.ServiceType == typeof(IRouter) && descriptor.IsKeyedService).Select(static descriptor => descriptor.ServiceKey).OfType<string>());

    // A router that is read again when its file changes gives itself as it is now, so that one request has one router.
    public IRouter? Find(string name) => services.GetKeyedService<IRouter>(name) is { } router ? (router as ReloadingRouter)?.Current ?? router : RouterRegistry.FindBuiltIn(name);
}
