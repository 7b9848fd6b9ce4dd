using RouteLLM.Internals;

namespace RouteLLM;

/// <summary>What is known of the health of a client's deployments: calls under way, latencies, failures, cooldowns. It outlives a change of the configuration.</summary>
/// <remarks>Thread-safe. Get it from a client with <c>client.GetService&lt;DeploymentHealth&gt;()</c>.</remarks>
public sealed class DeploymentHealth
{
    private readonly Dictionary<(string Route, string Deployment), DeploymentState> _states = [];
    private readonly TimeProvider _timeProvider;
    private long _choices;

    internal DeploymentHealth(TimeProvider timeProvider) => _timeProvider = timeProvider;

    /// <summary>Gets the lock over all states: each is held for well under a microsecond, and a call of a model takes milliseconds at least.</summary>
    internal Lock Lock { get; } = new();

    /// <summary>Gives the state of every deployment known, in order of route and name.</summary>
    /// <returns>The states, as they are now.</returns>
    public IReadOnlyList<DeploymentStatus> GetStatuses()
    {
        lock (Lock)
        {
            long now = _timeProvider.GetTimestamp();
            return
            [
                .. _states.OrderBy(static entry => entry.Key.Route, StringComparer.Ordinal).ThenBy(static entry => entry.Key.Deployment, StringComparer.Ordinal)
                    .Select(entry => entry.Value.ToStatus(entry.Key.Route, entry.Key.Deployment, now, _timeProvider)),
            ];
        }
    }

    /// <summary>Numbers a choice among deployments, so that it is known which was made last, also by an earlier plan. To be called under the lock.</summary>
    internal long NextChoice() => ++_choices;

    /// <summary>Gets the state of a deployment, a new one if it is not known yet.</summary>
    internal DeploymentState Of(string route, string deployment)
    {
        lock (Lock)
        {
            if (!_states.TryGetValue((route, deployment), out DeploymentState? state))
            {
                _states[(route, deployment)] = state = new();
            }

            return state;
        }
    }
}
