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
    }

    /// <summary>Gets the route's name.</summary>
    public string Name { get; }

    /// <summary>Gets the client that calls the model.</summary>
    public IChatClient Client { get; }

    /// <summary>Gets the model id sent to the client, or <see langword="null"/> to send none, so that the client uses its own default.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets what is known of the model: its prices, context window, abilities, tags and region. By default nothing is.</summary>
    public ModelProfile Profile { get; init; } = ModelProfile.Unknown;

    /// <summary>Gets a value indicating whether disposing the routed client disposes <see cref="Client"/>. The default is <see langword="true"/>, as for any decorator.</summary>
    public bool OwnsClient { get; init; } = true;

    /// <summary>Gets the name of the model as far as it is known: <see cref="ModelId"/>, else the client's default model.</summary>
    internal string? EffectiveModelId => ModelId ?? DefaultModelId;

    /// <summary>Gets a value indicating whether <see cref="Client"/> notes when the model itself is called (<see cref="ModelCallMark"/>).</summary>
    internal bool HasMiddleware { get; }

    private string? DefaultModelId { get; }

    /// <inheritdoc/>
    public override string ToString() => EffectiveModelId is { } id ? $"{Name} ({id})" : Name;

    /// <summary>Makes a route with the same client, middleware included, of which something else is known.</summary>
    internal ModelRoute With(string? modelId, ModelProfile profile) => new(this) { ModelId = modelId, Profile = profile };

    private static IChatClient Build(IChatClient client, Action<ChatClientBuilder> middleware)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(middleware);
        var builder = new ChatClientBuilder(new MarkingChatClient(client));
        middleware(builder);
        return builder.Build();
    }
}
