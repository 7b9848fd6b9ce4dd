namespace RouteLLM;

/// <summary>A weighted mean, in logit space, of other routers' scores: learned routers and rules together.</summary>
/// <remarks>
/// <para>
/// P = sigmoid(bias + sum of weight * logit(score)), the logarithmic opinion pool of Genest and Zidek, "Combining Probability Distributions" (1986), with free weights; RouterBench (Hu et al., 2024)
/// proposes such hybrids of learned and rule signals. Routers that err on different prompts are better together than alone. <c>MixtureTrainer</c> in RouteLLM.Net.Training fits weights and bias.
/// What a tie counts is what it counts to the parts.
/// </para>
/// <para>
/// A score of 0 or 1, which rules like to give, has no finite logit; scores are clamped to [<see cref="MinProbability"/>, 1 - <see cref="MinProbability"/>]. So a rule that is sure weighs in with
/// a logit of 6.9 times its weight: it tips the balance without silencing the others. A rule that must decide alone belongs in a policy.
/// </para>
/// <para>
/// Parts are asked together: those that wait for a service do so at the same time, and each scores a batch as one batch. Parts that compute score one after the other, on the caller's thread for one request
/// and on threads of the pool for a batch of 64 and more. When all parts complete synchronously, as trained routers and rules do, so does the mixture, and it allocates nothing.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var router = new MixtureRouter([new(BuiltInRouter.Create(), 0.8), new(new DomainRouter(), 0.2)]);
/// </code>
/// </example>
public sealed class MixtureRouter : IBatchRouter
{
    /// <summary>The least probability a part is taken to give, and 1 minus it the largest: 0.001, a logit of 6.9.</summary>
    public const double MinProbability = 0.001;

    private const int ParallelBatch = 64;

    // Parts that complete without waiting leave the source clean for the next request of the thread.
    [ThreadStatic]
    private static CancellationTokenSource? t_stop;

    private readonly MixturePart[] _parts;
    private readonly double _totalWeight;
    private readonly RouterMetadata _metadata;
    private readonly TimeProvider _timeProvider;
    private readonly TimeSpan _partTimeLimit = Timeout.InfiniteTimeSpan;

    /// <summary>Initializes a new instance of the <see cref="MixtureRouter"/> class.</summary>
    /// <param name="parts">The routers and their weights; at least one, and one weight at least not 0.</param>
    /// <param name="bias">What is added to the weighted sum, as a logit: finite, 0 by default.</param>
    /// <param name="name">The router's default name. The default is <c>mixture</c>.</param>
    /// <param name="timeProvider">The clock for the parts' time limit, or <see langword="null"/> for the system's.</param>
    /// <exception cref="ArgumentException">There are no parts, one is <see langword="null"/>, all weights are 0, or <paramref name="name"/> is empty or white space.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bias"/> is not finite.</exception>
    public MixtureRouter(IEnumerable<MixturePart> parts, double bias = 0, string name = "mixture", TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _parts = [.. parts];
        if (Array.IndexOf(_parts, null) is >= 0 and int index)
        {
            throw new ArgumentException($"Part number {index} is null.", nameof(parts));
        }

        _totalWeight = _parts.Sum(static part => Math.Abs(part.Weight));
        if (_totalWeight == 0)
        {
            throw new ArgumentException($"A mixture has at least one part with a weight that is not 0; got {_parts.Length} parts.", nameof(parts));
        }

        if (!double.IsFinite(bias))
        {
            throw new ArgumentOutOfRangeException(nameof(bias), bias, "A bias is a finite number.");
        }

        Bias = bias;
        _metadata = new RouterMetadata(name);
        _timeProvider = timeProvider ?? TimeProvider.System;
    }

    /// <summary>Gets the routers and their weights, in the order given.</summary>
    public IReadOnlyList<MixturePart> Parts => _parts.AsReadOnly();

    /// <summary>Gets what is added to the weighted sum, as a logit.</summary>
    public double Bias { get; }

    /// <summary>Gets the quantiles of the mixture's own scores, so that a strong share can be asked for; <see langword="null"/> by default, for its parts' quantiles say nothing of the sum's.</summary>
    public ScoreQuantiles? Quantiles { get; init; }

    /// <summary>
    /// Gets a value indicating whether a part that fails (throws, exceeds its time limit, or gives no probability) is left out, and the weights of the others are scaled up so that their magnitudes have the same sum.
    /// The default is <see langword="false"/>: the mixture fails at the first failure, for no score is better than one that means something else. It fails too if no part with a weight is left.
    /// </summary>
    public bool LeaveOutFailures { get; init; }

    /// <summary>Gets what is told of each part that is left out: the part, and why. It may be called from many threads at once, and must not throw.</summary>
    public Action<MixturePart, Exception>? PartLeftOut { get; init; }

    /// <summary>Gets how long a part may take for one request or one batch. The default is <see cref="Timeout.InfiniteTimeSpan"/>: no limit but that of whoever asks the mixture.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is neither positive nor infinite.</exception>
    public TimeSpan PartTimeLimit
    {
        get => _partTimeLimit;
        init => _partTimeLimit = value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "A time limit is positive; use Timeout.InfiniteTimeSpan for none.");
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A part gave a number that is no probability, and a part's failure is the mixture's; or with <see cref="LeaveOutFailures"/>, no part with a weight is left.</exception>
    /// <exception cref="TimeoutException">A part exceeded its time limit, and a part's failure is the mixture's.</exception>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<double>(cancellationToken);
        }

        // As far as parts complete at once there is nothing to wait for and nothing to allocate.
        CancellationTokenSource stop = t_stop ?? new();
        t_stop = null;
        double logit = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            ValueTask<double> score = Ask(_parts[i], request, stop.Token);
            if (!score.IsCompletedSuccessfully)
            {
                return FinishAsync(logit, i, score.AsTask(), request, stop, cancellationToken);
            }

            double value = score.Result;
            if (value is not (>= 0 and <= 1))
            {
                return FinishAsync(logit, i, Task.FromResult(value), request, stop, cancellationToken);
            }

            logit += _parts[i].Weight * Logit(value);
        }

        if (stop.TryReset())
        {
            t_stop = stop;
        }

        return new(Sigmoid(Bias + logit));
    }

    /// <inheritdoc/>
    /// <remarks>With <see cref="LeaveOutFailures"/>, a part that fails is left out for the whole batch, and one that gives a number that is no probability for that request.</remarks>
    /// <exception cref="InvalidOperationException">A part gave a number that is no probability, and a part's failure is the mixture's; or with <see cref="LeaveOutFailures"/>, no part with a weight is left.</exception>
    /// <exception cref="TimeoutException">A part exceeded its time limit, and a part's failure is the mixture's.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        cancellationToken.ThrowIfCancellationRequested();
        if (requests.Count == 0)
        {
            return [];
        }

        var call = NewCall(new CancellationTokenSource(), cancellationToken);
        IReadOnlyList<double>?[] scores = await call
            .WaitForAllAsync(_parts, _parts.Select(part => requests.Count < ParallelBatch
                ? ScoreBatchAsync(part, requests, call.StopToken)
                : Task.Run(() => ScoreBatchAsync(part, requests, call.StopToken), call.StopToken)))
            .ConfigureAwait(false);
        var probabilities = new double[requests.Count];
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = Combine(call, scores, i, logit: 0, first: 0);
        }

        return probabilities;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, _metadata, Quantiles);

    /// <summary>Gives the logit of a score that is clamped away from 0 and 1.</summary>
    internal static double Logit(double score)
    {
        double clamped = Math.Clamp(score, MinProbability, 1 - MinProbability);
        return Math.Log(clamped / (1 - clamped));
    }

    internal static double Sigmoid(double logit) => 1 / (1 + Math.Exp(-logit));

    private static ValueTask<double> Ask(MixturePart part, RouteRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return part.Router.PredictWinProbabilityAsync(request, cancellationToken);
        }
        catch (Exception error)
        {
            return ValueTask.FromException<double>(error);
        }
    }

    private static async Task<IReadOnlyList<double>> ScoreBatchAsync(MixturePart part, IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken)
    {
        IReadOnlyList<double> scores = await part.Router.PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false);
        return scores.Count == requests.Count
            ? scores
            : throw new InvalidOperationException($"Router '{part.Name}' gave {scores.Count} scores for {requests.Count} requests.");
    }

    private static async Task<IReadOnlyList<double>> AsBatchAsync(Task<double> score) => [await score.ConfigureAwait(false)];

    private MixtureCall NewCall(CancellationTokenSource stop, CancellationToken callerToken) =>
        new(PartTimeLimit, _timeProvider, LeaveOutFailures ? PartLeftOut ?? (static (_, _) => { }) : null, stop, callerToken);

    /// <summary>Goes on from the part that did not complete at once or gave no probability; those after it are asked before it is waited for.</summary>
    private async ValueTask<double> FinishAsync(double logit, int first, Task<double> score, RouteRequest request, CancellationTokenSource stop, CancellationToken cancellationToken)
    {
        var call = NewCall(stop, cancellationToken);
        ArraySegment<MixturePart> waiting = new(_parts, first, _parts.Length - first);
        IReadOnlyList<double>?[] scores = await call
            .WaitForAllAsync(waiting, waiting.Select((part, i) => AsBatchAsync(i == 0 ? score : Ask(part, request, stop.Token).AsTask())))
            .ConfigureAwait(false);
        return Combine(call, scores, 0, logit, first);
    }

    /// <summary>Adds up the parts' scores of one request.</summary>
    /// <param name="call">Knows what a failure means.</param>
    /// <param name="scores">The scores of the parts from <paramref name="first"/> on, or <see langword="null"/> for a part that failed.</param>
    /// <param name="index">Which of the scores belong to the request.</param>
    /// <param name="logit">The sum over the parts before <paramref name="first"/>, all of which gave a score.</param>
    /// <param name="first">The number of those parts.</param>
    private double Combine(MixtureCall call, IReadOnlyList<double>?[] scores, int index, double logit, int first)
    {
        double weight = 0;
        for (int i = 0; i < _parts.Length; i++)
        {
            MixturePart part = _parts[i];
            if (i >= first)
            {
                if (scores[i - first]?[index] is not { } score || !call.Accept(part, score))
                {
                    continue;
                }

                logit += part.Weight * Logit(score);
            }

            weight += Math.Abs(part.Weight);
        }

        call.ThrowIfFailed();
        return weight > 0
            ? Sigmoid(Bias + (logit * (_totalWeight / weight)))
            : throw new InvalidOperationException($"No part of mixture '{_metadata.Name}' that has a weight gave a score.", call.FirstFailure);
    }
}
