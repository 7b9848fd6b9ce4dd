using System.Collections.Concurrent;

namespace RouteLLM;

/// <summary>Learns how many output tokens each route's answers have, so that a price is known before a call.</summary>
/// <remarks>
/// The expectation is the mean of the first 200 answers, the prior counting as one, and from then on an exponential moving average with weight 1/200. It is kept by the route's name, in this process. A <see cref="CostLedger"/> has one
/// and teaches it; on its own it is an observer (<see cref="RoutedChatClientOptions.Observers"/>). Thread-safe.
/// </remarks>
public sealed class OutputTokenEstimator : IRoutingObserver
{
    private const double LongestMemory = 200;

    private readonly ConcurrentDictionary<string, Expectation> _byRoute = new(StringComparer.Ordinal);
    private readonly double _prior;

    /// <summary>Initializes a new instance of the <see cref="OutputTokenEstimator"/> class.</summary>
    /// <param name="prior">The output tokens to expect of a route of which nothing is known; at least 0. The default is 500.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="prior"/> is negative.</exception>
    public OutputTokenEstimator(int prior = 500)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(prior);
        _prior = prior;
    }

    /// <summary>Gives the output tokens to expect of a route.</summary>
    /// <param name="route">The route's name.</param>
    /// <returns>The number, rounded up.</returns>
    public long Expect(string route) => (long)Math.Ceiling(_byRoute.TryGetValue(route, out Expectation? expectation) ? expectation.Mean : _prior);

    /// <summary>Gives the output tokens that were learned of a route, or <see langword="null"/> if nothing was.</summary>
    internal double? Learned(string route) => _byRoute.TryGetValue(route, out Expectation? expectation) ? expectation.Mean : null;

    /// <summary>Gives what a request is expected to cost on a route.</summary>
    /// <param name="route">The route.</param>
    /// <param name="request">The request. Its <see cref="Microsoft.Extensions.AI.ChatOptions.MaxOutputTokens"/> bounds the answer.</param>
    /// <param name="maximum">Whether to count as many output tokens as the request allows, instead of as many as are expected. Without a bound of its own the expected ones count.</param>
    /// <returns>The cost in USD, or <see langword="null"/> if the route has no price.</returns>
    public decimal? ExpectCost(ModelRoute route, RouteRequest request, bool maximum = false)
    {
        ArgumentNullException.ThrowIfNull(route);
        ArgumentNullException.ThrowIfNull(request);
        if (route.Profile.Price is not { } price)
        {
            return null;
        }

        long output = request.Options?.MaxOutputTokens is { } most ? maximum ? most : Math.Min(most, Expect(route.Name)) : Expect(route.Name);
        return price.CostOf(request.InputTokens, Math.Max(output, 0));
    }

    /// <summary>Learns from answers.</summary>
    /// <param name="route">The route's name.</param>
    /// <param name="outputTokens">The output tokens of the answer, or of several on average.</param>
    /// <param name="answers">The number of answers, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is too small.</exception>
    public void Learn(string route, double outputTokens, long answers = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(route);
        ArgumentOutOfRangeException.ThrowIfNegative(outputTokens);
        ArgumentOutOfRangeException.ThrowIfLessThan(answers, 1);
        _byRoute.GetOrAdd(route, static (_, prior) => new(prior), _prior).Learn(outputTokens, answers);
    }

    /// <inheritdoc/>
    public void OnCompleted(RouteRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record is { Status: RouteAttemptStatus.Answered, Outcome: { } outcome, Usage.OutputTokenCount: >= 0 and { } tokens })
        {
            Learn(outcome.Route, tokens);
        }
    }

    private sealed class Expectation(double prior)
    {
        private readonly Lock _lock = new();
        private double _mean = prior;
        private double _count = 1;

        public double Mean => Volatile.Read(ref _mean);

        public void Learn(double tokens, long answers)
        {
            lock (_lock)
            {
                double weight = Math.Min(answers, LongestMemory);
                _count = Math.Min(_count + weight, LongestMemory);
                Volatile.Write(ref _mean, _mean + ((tokens - _mean) * Math.Min(weight / _count, 1)));
            }
        }
    }
}
