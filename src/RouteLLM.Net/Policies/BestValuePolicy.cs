namespace RouteLLM;

/// <summary>Chooses the route of the best value: the predicted quality of its answer less what the answer is expected to cost, <c>quality - lambda * cost</c>.</summary>
/// <remarks>
/// The other routes follow in the order of their value. A positive <see cref="RouteRequest.ThresholdShift"/> s, as of a budget that runs out, makes money dearer, lambda / (1 - s), until at 1 the cheapest route is the best;
/// a negative one makes it cheaper, lambda * (1 + s).
/// </remarks>
public sealed class BestValuePolicy : QualityPolicy
{
    private readonly double _lambda;

    /// <summary>Initializes a new instance of the <see cref="BestValuePolicy"/> class.</summary>
    /// <param name="routes">The routes, strongest first, each with a price in its profile; at least one.</param>
    /// <param name="predictor">Predicts the quality of each model's answer.</param>
    /// <param name="options">Lambda, expected tokens and more, or <see langword="null"/> for the defaults; read once.</param>
    /// <param name="timeProvider">The clock for the predictor's time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">There are no routes, one has no price or is no model of the predictor, or the options are not valid.</exception>
    public BestValuePolicy(IEnumerable<ModelRoute> routes, IQualityPredictor predictor, BestValuePolicyOptions? options = null, TimeProvider? timeProvider = null)
        : base(routes, predictor, RouteReasons.BestValue, options ??= new(), timeProvider) => _lambda = options.QualityPerDollar;

    /// <inheritdoc/>
    protected override void Rank(RouteRequest request, RouteEstimate[] estimates)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(estimates);
        double shift = Math.Clamp(request.ThresholdShift, -1, 1);
        if (shift == 1)
        {
            SortDescending(estimates, 0, static (estimate, _) => (-(double)estimate.Cost, estimate.Quality));
            return;
        }

        double lambda = shift > 0 ? _lambda / (1 - shift) : _lambda * (1 + shift);
        SortDescending(estimates, lambda, static (estimate, lambda) => (estimate.Quality - (lambda * (double)estimate.Cost), 0));
    }
}
