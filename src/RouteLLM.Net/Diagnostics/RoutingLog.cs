using Microsoft.Extensions.Logging;

namespace RouteLLM.Diagnostics;

/// <summary>The log messages.</summary>
/// <remarks>
/// None holds a prompt but <see cref="DecidedSensitive"/>, which is written only when sensitive data is switched on. The errors of routers and models, whose messages
/// may quote a prompt, are given only then; else their type has to do.
/// </remarks>
internal static partial class RoutingLog
{
    [LoggerMessage(1, LogLevel.Debug, "Routed to {Route} ({Reason}): router {Router}, win probability {WinProbability}, threshold {Threshold}, query length {QueryLength}.")]
    public static partial void Decided(this ILogger logger, string route, string reason, string? router, double? winProbability, double? threshold, int queryLength);

    [LoggerMessage(2, LogLevel.Trace, "Routed to {Route} ({Reason}): router {Router}, win probability {WinProbability}, threshold {Threshold}, query {Query}.")]
    public static partial void DecidedSensitive(this ILogger logger, string route, string reason, string? router, double? winProbability, double? threshold, string query);

    [LoggerMessage(3, LogLevel.Warning, "Router {Router} gave no win probability ({Reason}: {ErrorType}); the request goes to {Route}.")]
    public static partial void RouterFailed(this ILogger logger, Exception? error, string? router, string reason, string? errorType, string route);

    [LoggerMessage(4, LogLevel.Warning, "Route {Route} failed with {ErrorType}; failing over to {NextRoute}.")]
    public static partial void FailedOver(this ILogger logger, Exception? error, string route, string errorType, string nextRoute);

    [LoggerMessage(5, LogLevel.Warning, "Route {Route} failed with {ErrorType}; no other route is tried.")]
    public static partial void Failed(this ILogger logger, Exception? error, string route, string errorType);

    [LoggerMessage(6, LogLevel.Information, "The routes' models ({Strong}, {Weak}) are not those that router {Router} was trained for ({TrainedStrong}, {TrainedWeak}). It still ranks requests by difficulty; recalibrate its threshold on prompts of your own.")]
    public static partial void TrainedForOtherModels(this ILogger logger, string? strong, string? weak, string router, string trainedStrong, string trainedWeak);

    [LoggerMessage(7, LogLevel.Information, "The threshold is {Threshold}. A threshold is no share of traffic: at 0.5 and above only requests that the strong model is likelier than not to answer clearly better go there, often very few. Set StrongShare to choose by traffic.")]
    public static partial void HighThreshold(this ILogger logger, double threshold);

    [LoggerMessage(8, LogLevel.Information, "There is no fail-over target: when a model's provider fails, so does the request. {Cure}")]
    public static partial void NoFailoverTarget(this ILogger logger, string cure);

    [LoggerMessage(9, LogLevel.Information, "Routing configuration '{Name}' changed and is in effect.")]
    public static partial void ConfigurationChanged(this ILogger logger, string name);

    [LoggerMessage(11, LogLevel.Error, "The routing observer {Observer} failed with {ErrorType}; the request is not affected.")]
    public static partial void ObserverFailed(this ILogger logger, Exception? error, string observer, string errorType);

    [LoggerMessage(12, LogLevel.Error, "The gate of route {Route} failed to note what came of an attempt ({ErrorType}); the request is not affected.")]
    public static partial void GateFailed(this ILogger logger, Exception? error, string route, string errorType);

    [LoggerMessage(17, LogLevel.Warning, "No route could be called: {ErrorType}.")]
    public static partial void NoRoute(this ILogger logger, Exception? error, string errorType);

    [LoggerMessage(13, LogLevel.Debug, "Route {Route} is passed over: {Cause} ({Detail}).")]
    public static partial void Skipped(this ILogger logger, string route, string cause, string detail);

    [LoggerMessage(14, LogLevel.Warning, "Deployment {Deployment} of route {Route} is left alone for {Period} after {ErrorType}.")]
    public static partial void CooledDown(this ILogger logger, Exception? error, string route, string deployment, TimeSpan period, string errorType);

    [LoggerMessage(15, LogLevel.Information, "Route {Route} is called again after {Pause}, since a call failed with {ErrorType}.")]
    public static partial void Retrying(this ILogger logger, Exception? error, string route, TimeSpan pause, string errorType);

    [LoggerMessage(16, LogLevel.Information, "No route is left to try; in {Pause} route {Route}, which cools down, is tried again.")]
    public static partial void Waiting(this ILogger logger, string route, TimeSpan pause);

    [LoggerMessage(40, LogLevel.Error, "The decision log '{Path}' cannot be written ({Problem}); it is tried again every {Seconds} s, and up to {Capacity} decisions are kept in the meantime.")]
    public static partial void DecisionLogFailed(this ILogger logger, Exception error, string path, string problem, double seconds, int capacity);

    [LoggerMessage(41, LogLevel.Information, "The decision log '{Path}' is written again.")]
    public static partial void DecisionLogHealed(this ILogger logger, string path);

    [LoggerMessage(42, LogLevel.Warning, "The decision log '{Path}' has lost {Count} decisions so far: its queue was full, or its file could not be written.")]
    public static partial void DecisionLogDropped(this ILogger logger, string path, long count);

    [LoggerMessage(43, LogLevel.Warning, "The shadow '{Shadow}' failed with {ErrorType}; requests are not affected.")]
    public static partial void ShadowFailed(this ILogger logger, string shadow, string errorType);

    [LoggerMessage(44, LogLevel.Warning, "The judge of sampled answers failed with {ErrorType}; requests are not affected.")]
    public static partial void JudgeFailed(this ILogger logger, string errorType);

    [LoggerMessage(50, LogLevel.Warning, "The conversation store failed with {ErrorType}; until it answers again, conversations do not keep their routes.")]
    public static partial void ConversationStoreFailed(this ILogger logger, Exception error, string errorType);

    [LoggerMessage(51, LogLevel.Information, "The conversation store answers again.")]
    public static partial void ConversationStoreHealed(this ILogger logger);

    [LoggerMessage(52, LogLevel.Information, "The artifact {Path} of router '{Name}' changed and is in use.")]
    public static partial void RouterChanged(this ILogger logger, string name, string path);

    [LoggerMessage(53, LogLevel.Error, "The artifact {Path} of router '{Name}' changed, but the new one is refused and the old one stays in use.")]
    public static partial void RouterRefused(this ILogger logger, Exception error, string name, string path);

    [LoggerMessage(10, LogLevel.Error, "Routing configuration '{Name}' changed, but the new values are refused and the old ones stay in effect.")]
    public static partial void ConfigurationRefused(this ILogger logger, Exception error, string name);
}
