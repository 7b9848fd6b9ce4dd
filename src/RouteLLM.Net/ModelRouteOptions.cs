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

    /// <summary>Gets the places where the model can be called; empty, the default, for a route with one client, <see cref="Client"/>.</summary>
    public IList<ModelDeploymentOptions> Deployments { get; } = [];

    /// <summary>Finds a deployment, or adds it.</summary>
    /// <param name="name">The deployment's name.</param>
    /// <returns>The deployment.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public ModelDeploymentOptions Deployment(string name)
    {
        if (Deployments.FirstOrDefault(deployment => deployment.Name == name) is { } known)
        {
            return known;
        }

        var added = new ModelDeploymentOptions(name);
        Deployments.Add(added);
        return added;
    }

    /// <summary>Gives what is wrong with this route, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (Profile is null)
        {
            yield return $"The Profile of the route '{Name}' is null; use ModelProfile.Unknown for the default.";
        }

        if (Deployments.Count == 0)
        {
            yield break;
        }

        if (Client is not null || ClientKey is not null || Middleware is not null)
        {
            yield return $"The route '{Name}' has Deployments, and a Client, ClientKey or Middleware too; set clients and keys on its deployments, and add middleware to their clients.";
        }

        foreach (string twice in Deployments.GroupBy(static deployment => deployment.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1).Select(static group => group.Key))
        {
            yield return $"Two deployments of the route '{Name}' are named '{twice}'; every deployment needs a name of its own.";
        }

        foreach (ModelDeploymentOptions deployment in Deployments.Where(static deployment => deployment.Weight is not (> 0 and < double.PositiveInfinity)))
        {
            yield return FormattableString.Invariant($"The deployment '{deployment.Name}' of the route '{Name}' has a Weight of {deployment.Weight}, but a weight is a positive number; leave the deployment out to send it nothing.");
        }
    }
}
