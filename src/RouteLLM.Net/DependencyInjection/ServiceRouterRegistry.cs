using Microsoft.Extensions.DependencyInjection;

namespace RouteLLM.DependencyInjection;

/// <summary>The routers of a container: its keyed <see cref="IRouter"/> services, and the built-in one.</summary>
internal sealed class ServiceRouterRegistry(IServiceProvider services, IEnumerable<ServiceDescriptor> descriptors) : IRouterRegistry
{
    // A provider cannot list its keys, but the collection it was built from can.
    public IReadOnlyCollection<string> Names => RouterRegistry.WithBuiltIn(
        descriptors.Where(static descriptor => descriptor.ServiceType == typeof(IRouter) && descriptor.IsKeyedService).Select(static descriptor => descriptor.ServiceKey).OfType<string>());

    public IRouter? Find(string name) => services.GetKeyedService<IRouter>(name) ?? RouterRegistry.FindBuiltIn(name);
}
