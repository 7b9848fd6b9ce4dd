using Microsoft.Extensions.AI;

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

    /// <summary>Gets the route's name.</summary>
    public string Name { get; }

    /// <summary>Gets the client that calls the model.</summary>
    public IChatClient Client { get; }

    /// <summary>Gets the model id sent to the client, or <see langword="null"/> to send none, so that the client uses its own default.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets a value indicating whether disposing the routed client disposes <see cref="Client"/>. The default is <see langword="true"/>, as for any decorator.</summary>
    public bool OwnsClient { get; init; } = true;

    /// <summary>Gets the name of the model as far as it is known: <see cref="ModelId"/>, else the client's default model.</summary>
    internal string? EffectiveModelId => ModelId ?? DefaultModelId;

    private string? DefaultModelId { get; }

    /// <inheritdoc/>
    public override string ToString() => EffectiveModelId is { } id ? $"{Name} ({id})" : Name;
}
