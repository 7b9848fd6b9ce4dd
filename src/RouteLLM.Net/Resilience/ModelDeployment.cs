using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>One of several places where the model of a route can be called: an endpoint, a region, an account.</summary>
/// <remarks>Policies choose routes; which deployment of a route is called is chosen per call, by <see cref="RouteResilienceOptions.Balancing"/> among those that are not cooling down.</remarks>
public sealed class ModelDeployment
{
    /// <summary>Initializes a new instance of the <see cref="ModelDeployment"/> class.</summary>
    /// <param name="name">The deployment's name, unique within its route. What is known of its health is kept under this name when a configuration changes.</param>
    /// <param name="client">The client that calls the model there.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="client"/> is <see langword="null"/>.</exception>
    public ModelDeployment(string name, IChatClient client)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(client);
        Name = name;
        Client = client;
    }

    /// <summary>Gets the deployment's name.</summary>
    public string Name { get; }

    /// <summary>Gets the client that calls the model there.</summary>
    public IChatClient Client { get; }

    /// <summary>Gets the share of calls it takes against the other deployments of its route, or how much it can bear against them; above 0. The default is 1.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not a positive, finite number.</exception>
    public double Weight
    {
        get;
        init => field = value is > 0 and < double.PositiveInfinity
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A deployment's weight is a positive number; leave the deployment out to send it nothing.");
    } = 1;

    /// <summary>Gets where it runs, such as <c>westeurope</c>, or <see langword="null"/>. For telemetry; routes are constrained by <see cref="ModelProfile.Region"/>.</summary>
    public string? Region { get; init; }

    /// <summary>Gets the model id sent to the client, as Azure's deployments have names of their own, or <see langword="null"/> for the route's.</summary>
    public string? ModelId { get; init; }

    /// <summary>Gets a value indicating whether disposing the routed client disposes <see cref="Client"/>. The default is <see langword="true"/>, as for any decorator.</summary>
    public bool OwnsClient { get; init; } = true;

    /// <inheritdoc/>
    public override string ToString() => Region is null ? Name : $"{Name} ({Region})";
}
