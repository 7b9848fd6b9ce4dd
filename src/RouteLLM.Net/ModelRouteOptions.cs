using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>A route as options and configurations describe it: its name, where its client comes from, and what is known of its model.</summary>
public sealed class ModelRouteOptions
{
    /// <summary>Initializes a new instance of the <see cref="ModelRouteOptions"/> class.</summary>
    /// <param name="name">The route's name, unique among those of a client.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public ModelRouteOptions(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
    }

    /// <summary>Gets the route's name.</summary>
    public string Name { get; }

    /// <summary>Gets or sets what gives the client that calls the model, or <see langword="null"/>, the default, for the one registered under <see cref="ClientKey"/>. Called once for each routed client, also when a configuration changes.</summary>
    public Func<IServiceProvider, IChatClient>? Client { get; set; }

    /// <summary>Gets or sets the key under which the container has the client, or <see langword="null"/>, the default, for the route's name.</summary>
    public string? ClientKey { get; set; }

    /// <summary>Gets or sets what adds middleware of the route's own around its client, outermost first, or <see langword="null"/>, the default. Called once for each routed client, like <see cref="Client"/>.</summary>
    public Action<ChatClientBuilder>? Middleware { get; set; }

    /// <summary>Gets or sets the model id sent to the client, or <see langword="null"/> for the client's own default.</summary>
    public string? ModelId { get; set; }

    /// <summary>Gets or sets what is known of the model: its prices, context window, abilities, tags and region. By default nothing is.</summary>
    public ModelProfile Profile { get; set; } = ModelProfile.Unknown;
}
