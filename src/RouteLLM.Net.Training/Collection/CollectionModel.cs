using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>A model whose answers are collected.</summary>
public sealed class CollectionModel
{
    /// <summary>Initializes a new instance of the <see cref="CollectionModel"/> class.</summary>
    /// <param name="name">The model's name in the training file.</param>
    /// <param name="client">The client that calls it. It is not disposed.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public CollectionModel(string name, IChatClient client)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(client);
        Name = name;
        Client = client;
    }

    /// <summary>Initializes a new instance of the <see cref="CollectionModel"/> class for a route's model, under the route's name and with its model id.</summary>
    /// <param name="route">The route. Its client is not disposed.</param>
    public CollectionModel(ModelRoute route)
        : this(route is null ? throw new ArgumentNullException(nameof(route)) : route.Name, route.Client)
    {
        Options = new ChatOptions { ModelId = route.ModelId };
    }

    /// <summary>Gets the model's name in the training file.</summary>
    public string Name { get; }

    /// <summary>Gets the client that calls it.</summary>
    public IChatClient Client { get; }

    /// <summary>Gets what is sent with each call, such as the model id, instructions, or the most tokens an answer may have; each call gets a clone. Answers are kept under these settings, and asked for anew when they change.</summary>
    /// <remarks>A seed is raised by one from sample to sample, or they would all be the same.</remarks>
    public ChatOptions Options { get; init; } = new();

    /// <summary>Gets what the model's tokens cost, or <see langword="null"/>, the default, if that is not known.</summary>
    public TokenPrice? Price { get; init; }

    /// <summary>Gets how many tokens an answer has, for estimates, at least 1; 300 by default.</summary>
    public int ExpectedOutputTokens { get; init; } = 300;

    internal void Validate()
    {
        ArgumentNullException.ThrowIfNull(Options);
        if (ExpectedOutputTokens < 1)
        {
            throw new ArgumentException($"{nameof(ExpectedOutputTokens)} of '{Name}' is {ExpectedOutputTokens}; expected at least 1.");
        }
    }
}
