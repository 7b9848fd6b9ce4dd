namespace RouteLLM;

/// <summary>What one request asks for, apart from the options all requests share.</summary>
/// <param name="Route">The name of the route to use, or <see langword="null"/>.</param>
/// <param name="Router">The name of the router to ask, or <see langword="null"/>.</param>
/// <param name="Threshold">The threshold to apply, in [0, 1], or <see langword="null"/>.</param>
/// <param name="StrongShare">The share of traffic to send to the strong model, in [0, 1], or <see langword="null"/>; turned into a threshold by the router's own score quantiles.</param>
/// <param name="Group">The group whose threshold in a <see cref="RouterCalibration"/> applies (a tenant, a language, a domain), or <see langword="null"/>.</param>
/// <param name="Tenant">The tenant that the request belongs to, or <see langword="null"/> for the one that <see cref="RoutedChatClientOptions.Tenant"/> finds.</param>
/// <param name="User">The user that the request belongs to, or <see langword="null"/> for the one that <see cref="RoutedChatClientOptions.User"/> finds.</param>
/// <param name="Conversation">The key of the conversation that the request belongs to, or <see langword="null"/> for the one that <see cref="ConversationOptions.Key"/> finds.</param>
public sealed record RouteOverrides(
    string? Route = null, string? Router = null, double? Threshold = null, double? StrongShare = null, string? Group = null, string? Tenant = null, string? User = null, string? Conversation = null);
