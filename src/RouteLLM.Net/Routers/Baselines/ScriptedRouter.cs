namespace RouteLLM;

/// <summary>Gives the scores of a script, one a request and in order, and remembers the requests: a router for unit tests.</summary>
/// <remarks>
/// The n-th request to arrive gets the n-th step, also when many arrive at once: each step is used exactly once. A request that is already cancelled uses no
/// step and is not recorded. The router keeps every request it saw, so it is no router for production.
/// </remarks>
/// <example>
/// <code>
/// var router = new ScriptedRouter(0.9, 0.1, new TimeoutException()) { AtEnd = ScriptEnd.Cycle };
/// </code>
/// </example>
public sealed class ScriptedRouter : IRouter
{
    private static readonly RouterMetadata s_metadata = new("scripted");

    private readonly Lock _lock = new();
    private readonly ScriptedScore[] _script;
    private readonly List<RouteRequest> _requests = [];

    /// <summary>Initializes a new instance of the <see cref="ScriptedRouter"/> class from scores.</summary>
    /// <param name="scores">The win probabilities to give, in order, each in [0, 1]; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="scores"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A score is NaN or not in [0, 1].</exception>
    public ScriptedRouter(params IEnumerable<double> scores)
        : this(ToScript(scores))
    {
    }

    /// <summary>Initializes a new instance of the <see cref="ScriptedRouter"/> class from scores and exceptions.</summary>
    /// <param name="script">The win probabilities to give and the exceptions to fail with, in order; at least one.</param>
    /// <exception cref="ArgumentException"><paramref name="script"/> is empty.</exception>
    public ScriptedRouter(params IEnumerable<ScriptedScore> script)
    {
        ArgumentNullException.ThrowIfNull(script);
        _script = [.. script];
        if (_script.Length == 0)
        {
            throw new ArgumentException("A script has at least one score or exception; got none.", nameof(script));
        }
    }

    /// <summary>Gets what happens once the script is used up. The default is <see cref="ScriptEnd.Throw"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is none of <see cref="ScriptEnd"/>.</exception>
    public ScriptEnd AtEnd
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"The end of a script is one of {string.Join(", ", Enum.GetNames<ScriptEnd>())}.");
    }

    /// <summary>Gets the requests seen so far, in the order in which they took their steps; those beyond the script's end are among them. A copy.</summary>
    public IReadOnlyList<RouteRequest> Requests
    {
        get
        {
            lock (_lock)
            {
                return [.. _requests];
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<double>(cancellationToken);
        }

        int index;
        lock (_lock)
        {
            index = _requests.Count;
            _requests.Add(request);
        }

        if (index >= _script.Length && AtEnd == ScriptEnd.Throw)
        {
            return ValueTask.FromException<double>(new InvalidOperationException(
                $"The script has {_script.Length} steps and this is request {index + 1}. Write a longer script, or set {nameof(AtEnd)} to repeat its last step or to cycle."));
        }

        ScriptedScore step = _script[AtEnd == ScriptEnd.Cycle ? index % _script.Length : Math.Min(index, _script.Length - 1)];
        return step.Exception is { } exception ? ValueTask.FromException<double>(exception) : new(step.Score);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, s_metadata);

    private static IEnumerable<ScriptedScore> ToScript(IEnumerable<double> scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.Select(static score => new ScriptedScore(score));
    }
}
