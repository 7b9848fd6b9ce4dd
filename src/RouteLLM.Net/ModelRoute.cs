using Microsoft.Extensions.AI;
using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>A named model that can be called.</summary>
public sealed class ModelRoute
{
    /// <summary>Initializes a new instance of the <see cref="ModelRoute"/> class.</summary>
    /// <param name="name">The route's name, unique among the routes of a client; <c>strong</c> and <c>weak</c> for two models.</param>
    /// <param name="client">The client that calls the model.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is <see langword="null"/>.</exception>
    public ModelRoute(string name, IChatClient client)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(client);
        Name = name;
        Client = client;
        DefaultModelId = client.GetService<ChatClientMetadata>()?.DefaultModelId;
    }

    /// <summary>Initializes a new instance of the <see cref="ModelRoute"/> class with middleware of its own around the client: a cache, a safety step, telemetry.</summary>
    /// <param name="name">The route's name, unique among the routes of a client.</param>
    /// <param name="client">The client that calls the model.</param>
    /// <param name="middleware">Adds the middleware, outermost first. An answer that it gives without calling the model is told apart (<see cref="RouteOutcome.FromCache"/>), and costs nothing.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> or <paramref name="middleware"/> is <see langword="null"/>.</exception>
    public ModelRoute(string name, IChatClient client, Action<ChatClientBuilder> middleware)
        : this(name, Build(client, middleware)) => HasMiddleware = true;

    private ModelRoute(ModelRoute original)
    {
        Name = original.Name;
        Client = original.Client;
        DefaultModelId = original.DefaultModelId;
        HasMiddleware = original.HasMiddleware;
        OwnsClient = original.OwnsClient;
        Deployments = original.Deployments;
    }

    /// <summary>Initializes a new instance of the <see cref="ModelRoute"/> class whose model can be called in several places.</summary>
    /// <param name="name">The route's name, unique among the routes of a client.</param>
    /// <param name="deployments">The deployments, each with a name of its own. They share the route's calls, and fail over among themselves before another route is tried; see <see cref="RouteResilienceOptions"/>.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space, there are no deployments, or two have the same name.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="deployments"/> is <see langword="null"/>.</exception>
    public ModelRoute(string name, IEnumerable<ModelDeployment> deployments)
        : this(name, First(deployments = [.. deployments ?? throw new ArgumentNullException(nameof(deployments))], name).Client)
    {
        Deployments = [.. deployments];
        if (Deployments.GroupBy(static deployment => deployment.Name, StringComparer.Ordinal).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException($"Two deployments of the route '{name}' are named '{twice.Key}'; every deployment needs a name of its own.", nameof(deployments));
        }
    }

    /// <summary>Gets the route's name.</summary>
    public string Name { get; }

    /// <summary>Gets the client that calls the model; of a route with deployments, the first one's.</summary>
    public IChatClient Client { get; }

    /// <summary>Gets the places where the model can be called; empty for a route with one client.</summary>
    public IReadOnlyList<ModelDeployment> Deployments { get; } = [];

    /// <summary>Gets the model id sent to the client, or <see langword="null"/> to send none, so that the client uses its own default.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets what is known of the model: its prices, context window, abilities, tags and region. By default nothing is.</summary>
    public ModelProfile Profile { get; init; } = ModelProfile.Unknown;

    /// <summary>Gets a value indicating whether disposing the routed client disposes <see cref="Client"/>. The default is <see langword="true"/>, as for any decorator. Deployments say so each for themselves.</summary>
    public bool OwnsClient { get; init; } = true;

    /// <summary>Gets the clients that the route calls.</summary>
    internal IEnumerable<IChatClient> Clients => Deployments.Count == 0 ? [Client] : Deployments.Select(static deployment => deployment.Client);

    /// <summary>Gets those of its clients that the route owns.</summary>
    internal IEnumerable<IChatClient> OwnedClients =>
        Deployments.Count > 0 ? Deployments.Where(static deployment => deployment.OwnsClient).Select(static deployment => deployment.Client) : OwnsClient ? [Client] : [];

    /// <summary>Gets the name of the model as far as it is known: <see cref="ModelId"/>, else the client's default model.</summary>
    internal string? EffectiveModelId => ModelId ?? DefaultModelId;

    /// <summary>Gets a value indicating whether <see cref="Client"/> notes when the model itself is called (<see cref="ModelCallMark"/>).</summary>
    internal bool HasMiddleware { get; }

    private string? DefaultModelId { get; }

    /// <inheritdoc/>
    public override string ToString() => EffectiveModelId is { } id ? $"{Name} ({id})" : Name;

    /// <summary>Makes a route with the same client, middleware included, of which something else is known.</summary>
    internal ModelRoute With(string? modelId, ModelProfile profile) => new(this) { ModelId = modelId, Profile = profile };

    private static ModelDeployment First(IEnumerable<ModelDeployment> deployments, string name) =>
        deployments.FirstOrDefault() ?? throw new ArgumentException($"The route '{name}' has no deployments; give it at least one, or a client.", nameof(deployments));

    private static IChatClient Build(IChatClient client, Action<ChatClientBuilder> middleware)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(middleware);
        var builder = new ChatClientBuilder(new MarkingChatClient(client));
        middleware(builder);
        return builder.Build();
    }
}
