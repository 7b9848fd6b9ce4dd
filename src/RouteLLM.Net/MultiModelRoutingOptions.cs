using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>Options of a registered chat client that routes between any number of models.</summary>
public class MultiModelRoutingOptions : RoutedChatClientOptions
{
    /// <summary>Gets the routes, strongest first.</summary>
    public IList<ModelRouteOptions> Routes { get; } = [];

    /// <summary>Gets or sets the policy that chooses among the routes. The default compares the win probability with a threshold, which is to be set, and chooses between the first route and the last.</summary>
    public RoutingPolicyFactory Policy { get; set; } = new ThresholdPolicyFactory();

    /// <summary>Finds a route, or adds it as the weakest so far.</summary>
    /// <param name="name">The route's name.</param>
    /// <returns>The route.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public ModelRouteOptions Route(string name)
    {
        if (Routes.FirstOrDefault(route => route.Name == name) is { } known)
        {
            return known;
        }

        var added = new ModelRouteOptions(name);
        Routes.Add(added);
        return added;
    }

    /// <summary>Adds a route, weaker than those so far, whose client a delegate gives.</summary>
    /// <param name="name">The route's name.</param>
    /// <param name="client">Gives the client that calls the model.</param>
    /// <param name="profile">What is known of the model, or <see langword="null"/> if nothing is.</param>
    /// <param name="modelId">The model id sent to the client, or <see langword="null"/> for the client's own default.</param>
    /// <returns>The route.</returns>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space.</exception>
    public ModelRouteOptions AddRoute(string name, Func<IServiceProvider, IChatClient> client, ModelProfile? profile = null, string? modelId = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        var added = new ModelRouteOptions(name) { Client = client, Profile = profile ?? ModelProfile.Unknown, ModelId = modelId };
        Routes.Add(added);
        return added;
    }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (Routes.Count == 0)
        {
            yield return "There are no Routes: add each model as a route, strongest first.";
        }

        foreach (string name in Routes.GroupBy(static route => route.Name, StringComparer.Ordinal).Where(static group => group.Count() > 1).Select(static group => group.Key))
        {
            yield return $"Two routes are named '{name}'; every route needs a name of its own.";
        }

        foreach (string error in Routes.SelectMany(static route => route.FindErrors()))
        {
            yield return error;
        }

        if (PromptSelector is null)
        {
            yield return "PromptSelector is null; use PromptSelector.LastUserMessage for the default.";
        }

        if (ShouldFailOver is null)
        {
            yield return "ShouldFailOver is null; use FailoverErrors.IsCurable for the default, or set FailOver to false.";
        }

        foreach (string error in Policy is null ? ["Policy is null; set a ThresholdPolicyFactory, or another."] : Policy.FindErrors(this))
        {
            yield return error;
        }
    }
}
