namespace RouteLLM;

/// <summary>A router made from a delegate, for a rule of one's own or a test.</summary>
/// <remarks>
/// The delegate must be safe to call from many threads at once. What it returns is passed on unchecked: a number outside [0, 1] is treated as a failure of the
/// router by whoever asked, as is an exception.
/// </remarks>
public sealed class DelegateRouter : IRouter
{
    private readonly Func<RouteRequest, CancellationToken, ValueTask<double>> _predict;
    private readonly RouterMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="DelegateRouter"/> class from a delegate that sees the whole request and may be asynchronous.</summary>
    /// <param name="predict">Gives the win probability of the strong model, in [0, 1].</param>
    /// <param name="name">The router's name, without white space. The default is <c>delegate</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="predict"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or has white space in it.</exception>
    public DelegateRouter(Func<RouteRequest, CancellationToken, ValueTask<double>> predict, string name = "delegate")
    {
        ArgumentNullException.ThrowIfNull(predict);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Any(char.IsWhiteSpace))
        {
            throw new ArgumentException($"A router's name has no white space, so that a model string such as 'router-{name.Trim()}-0.5' can hold it; got '{name}'.", nameof(name));
        }

        _predict = predict;
        _metadata = new RouterMetadata(name);
    }

    /// <summary>Initializes a new instance of the <see cref="DelegateRouter"/> class from a function of the prompt.</summary>
    /// <param name="predict">Takes the prompt's text, which may be empty, and gives the win probability of the strong model, in [0, 1].</param>
    /// <param name="name">The router's name, without white space. The default is <c>delegate</c>.</param>
    /// <exception cref="ArgumentNullException"><paramref name="predict"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or has white space in it.</exception>
    public DelegateRouter(Func<string, double> predict, string name = "delegate")
        : this(OfPrompt(predict), name)
    {
    }

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<double>(cancellationToken);
        }

        // A failure surfaces where the prediction is awaited, whether the delegate is asynchronous or not.
        try
        {
            return _predict(request, cancellationToken);
        }
        catch (Exception exception)
        {
            return ValueTask.FromException<double>(exception);
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, _metadata);

    private static Func<RouteRequest, CancellationToken, ValueTask<double>> OfPrompt(Func<string, double> predict)
    {
        ArgumentNullException.ThrowIfNull(predict);
        return (request, _) => new(predict(request.Prompt));
    }
}
