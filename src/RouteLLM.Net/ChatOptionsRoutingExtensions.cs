using RouteLLM;
using RouteLLM.Internals;

namespace Microsoft.Extensions.AI;

/// <summary>Sets routing for one request.</summary>
/// <remarks>
/// The settings travel as plain values in <see cref="ChatOptions.AdditionalProperties"/>, through any middleware, and are taken out before a provider sees them.
/// <see cref="SetRoute"/> comes before a route that <see cref="ChatOptions.ModelId"/> names, a <c>router-NAME-THRESHOLD</c> model id before router, threshold and share set here, and a pinned route before all of them.
/// </remarks>
public static class ChatOptionsRoutingExtensions
{
    /// <summary>Sets the threshold for this request.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="threshold">The threshold, in [0, 1].</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="threshold"/> is not in [0, 1].</exception>
    public static ChatOptions SetRoutingThreshold(this ChatOptions options, double threshold) =>
        Set(options, RoutingKeys.Threshold, Checked(threshold, nameof(threshold)));

    /// <summary>Sets the strong share whose threshold, by the router's own quantiles, applies to this request.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="strongShare"/> is not in [0, 1].</exception>
    public static ChatOptions SetStrongShare(this ChatOptions options, double strongShare) =>
        Set(options, RoutingKeys.StrongShare, Checked(strongShare, nameof(strongShare)));

    /// <summary>Sets the router to ask for this request.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="router">The registered router's name.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="router"/> is empty or white space.</exception>
    public static ChatOptions SetRouter(this ChatOptions options, string router)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(router);
        return Set(options, RoutingKeys.Router, router);
    }

    /// <summary>Pins this request to a route: no router is asked, and no other route is tried.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="route">The route's name, or its model id.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="route"/> is empty or white space.</exception>
    public static ChatOptions SetRoute(this ChatOptions options, string route)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(route);
        return Set(options, RoutingKeys.Route, route);
    }

    /// <summary>Sets the group that this request belongs to (a tenant, a language, a domain): its threshold in a <see cref="RouterCalibration"/> applies, or that for all requests if it has none.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="group">The group's name, as the calibration has it.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="group"/> is empty or white space.</exception>
    public static ChatOptions SetRoutingGroup(this ChatOptions options, string group)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(group);
        return Set(options, RoutingKeys.Group, group);
    }

    /// <summary>Sets the tenant that this request belongs to, for budgets, thresholds and telemetry.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="tenant">The tenant's key.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="tenant"/> is empty or white space.</exception>
    public static ChatOptions SetRoutingTenant(this ChatOptions options, string tenant)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tenant);
        return Set(options, RoutingKeys.Tenant, tenant);
    }

    /// <summary>Sets the user that this request belongs to.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="user">The user's key.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="user"/> is empty or white space.</exception>
    public static ChatOptions SetRoutingUser(this ChatOptions options, string user)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(user);
        return Set(options, RoutingKeys.User, user);
    }

    /// <summary>Sets the conversation that this request belongs to, which stays on its route where the client keeps conversations together.</summary>
    /// <param name="options">The options to change.</param>
    /// <param name="conversation">The conversation's key; the application's own, not the provider's <see cref="ChatOptions.ConversationId"/>.</param>
    /// <returns>The same <paramref name="options"/>.</returns>
    /// <exception cref="ArgumentException"><paramref name="conversation"/> is empty or white space.</exception>
    public static ChatOptions SetRoutingConversation(this ChatOptions options, string conversation)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(conversation);
        return Set(options, RoutingKeys.Conversation, conversation);
    }

    private static ChatOptions Set(ChatOptions options, string key, object value)
    {
        ArgumentNullException.ThrowIfNull(options);
        (options.AdditionalProperties ??= [])[key] = value;
        return options;
    }

    private static double Checked(double value, string name) =>
        value is >= 0 and <= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "A number in [0, 1] is expected.");
}
