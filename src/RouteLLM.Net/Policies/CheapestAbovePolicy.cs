namespace RouteLLM;

/// <summary>Chooses the cheapest route whose answer is predicted to reach a quality; where none does, the one of the highest quality.</summary>
/// <remarks>
/// Those that reach it come first, cheapest first, then the others, best first. A <see cref="RouteRequest.ThresholdShift"/>, as of a budget that runs out, lowers the quality to reach by as much.
/// </remarks>
public sealed class CheapestAbovePolicy : QualityPolicy
{
    private readonly double _minQuality;

    /// <summary>Initializes a new instance of the <see cref="CheapestAbovePolicy"/> class.</summary>
    /// <param name="routes">The routes, strongest first, each with a price in its profile; at least one.</param>
    /// <param name="predictor">Predicts the quality of each model's answer.</param>
    /// <param name="options">The quality to reach, expected tokens and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock for the predictor's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">There are no routes, one has no price or is no model of the predictor, or the options are not valid.</exception>
    public CheapestAbovePolicy(IEnumerable<ModelRoute> routes, IQualityPredictor predictor, CheapestAbovePolicyOptions? options = null, TimeProvider? timeProvider = null)
        : base(routes, predictor, RouteReasons.CheapestAbove, options ??= new(), timeProvider) => _minQuality = options.MinQuality;

    /// <inheritdoc/>
    protected override void Rank(RouteRequest request, RouteEstimate[] estimates)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(estimates);
        double wanted = Math.Clamp(_minQuality - request.ThresholdShift, 0, 1);
        SortDescending(estimates, wanted, static (estimate, wanted) => estimate.Quality >= wanted ? (1, -(double)estimate.Cost) : (0, estimate.Quality));
    }
}
