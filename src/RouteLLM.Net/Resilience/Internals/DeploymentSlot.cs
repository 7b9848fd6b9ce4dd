using Microsoft.Extensions.AI;
using Polly;
using Polly.CircuitBreaker;

namespace RouteLLM.Internals;

/// <summary>A deployment of a route in one plan: its client, its state, which outlives the plan, and its pipeline, which does not.</summary>
internal sealed class DeploymentSlot(string route, string name, IChatClient client, double weight, ModelDeployment? deployment)
{
    // Not a character that a name would hold.
    private const char Separator = '\u001f';

    public string Name => name;

    public IChatClient Client => client;

    public double Weight => weight;

    /// <summary>Gets the deployment, or <see langword="null"/> for the one client of a route without any.</summary>
    public ModelDeployment? Deployment => deployment;

    /// <summary>Gets the key under which provider-side state remembers who made it: the route alone, where that says it all.</summary>
    public string Owner { get; } = deployment is null ? route : $"{route}{Separator}{name}";

    public DeploymentState State { get; set; } = null!;

    /// <summary>Gets the breaker and the time limit around one call, or <see langword="null"/> if there is neither.</summary>
    public ResiliencePipeline<CallAnswer>? Pipeline { get; init; }

    public CircuitBreakerStateProvider? Breaker { get; init; }

    /// <summary>Takes the key of an owner apart.</summary>
    public static (string Route, string? Deployment) Split(string owner) =>
        owner.IndexOf(Separator) is var at and >= 0 ? (owner[..at], owner[(at + 1)..]) : (owner, null);
}
