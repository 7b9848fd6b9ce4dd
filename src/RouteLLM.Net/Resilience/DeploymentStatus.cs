namespace RouteLLM;

/// <summary>How a deployment is doing, at one moment.</summary>
/// <param name="Route">The route's name.</param>
/// <param name="Deployment">The deployment's name; the route's, if it has but one client.</param>
/// <param name="CallsUnderWay">The calls that have not ended; a stream's end is its last update.</param>
/// <param name="FailuresInARow">The failures since the last success.</param>
/// <param name="CoolingFor">How long it is still left alone, or <see langword="null"/> if it is not. Zero if the time has passed and no probe has succeeded yet.</param>
/// <param name="Latency">The mean time to a response, the latest weighing most, or <see langword="null"/> if there was none yet.</param>
/// <param name="FirstUpdateLatency">The mean time to the first update of a stream, or <see langword="null"/> if there was none yet.</param>
public sealed record DeploymentStatus(
    string Route, string Deployment, int CallsUnderWay, int FailuresInARow, TimeSpan? CoolingFor, TimeSpan? Latency, TimeSpan? FirstUpdateLatency);
