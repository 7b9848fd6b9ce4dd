using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A deployment of a route as options and configurations describe it: its name, where its client comes from, and its weight; see <see cref="ModelDeployment"/>.</summary>
public sealed class ModelDeploymentOptions
{
    /// <summary>Initializes a new instance of the <see cref="ModelDeploymentOptions"/> class.</summary>
    /// <param name="name">The deployment's name, unique within its route.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public ModelDeploymentOptions(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>Gets the deployment's name.</summary>
    public string Name { get; }

    /// <summary>Gets or sets what gives the client that calls the model there, or <see langword="null"/>, the default, for the one registered under <see cref="ClientKey"/>. Called once for each routed client, also when a configuration changes.</summary>
    public Func<IServiceProvider, IChatClient>? Client { get; set; }

    /// <summary>Gets or sets the key under which the container has the client, or <see langword="null"/>, the default, for the deployment's name.</summary>
    public string? ClientKey { get; set; }

    /// <summary>Gets or sets the share of calls it takes against the other deployments of its route; above 0. The default is 1.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>Gets or sets where it runs, such as <c>westeurope</c>, or <see langword="null"/>, the default.</summary>
    public string? Region { get; set; }

    /// <summary>Gets or sets the model id sent to the client, or <see langword="null"/>, the default, for the route's.</summary>
    public string? ModelId { get; set; }
}
