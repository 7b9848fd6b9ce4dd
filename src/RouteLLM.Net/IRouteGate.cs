namespace RouteLLM;

/// <summary>Admits or refuses each attempt of a request before its route is called, and learns what came of those that it admitted.</summary>
/// <remarks>
/// A budget that reserves money before a call and settles it afterwards is one. Gates are asked in order; if one refuses, those before it get their admission back with
/// <see cref="RouteAttemptResult.NotCalled"/>, and the next route is tried. Implementations must be thread-safe.
/// </remarks>
public interface IRouteGate
{
    /// <summary>Admits or refuses one attempt.</summary>
    /// <param name="attempt">The request, the decision and the route about to be called.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The admission, which is completed exactly once, or a refusal (<see cref="RouteAdmission.Refuse"/>), which sends the request to its next route.</returns>
    /// <exception cref="Exception">What it throws ends the request, and is what the caller sees.</exception>
    ValueTask<RouteAdmission> EnterAsync(RouteAttemptContext attempt, CancellationToken cancellationToken = default);
}
