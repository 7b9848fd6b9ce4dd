namespace RouteLLM;

/// <summary>Mixes several routers by a weighted sum of their log-odds: learned signals and rules together, as RouterBench's hybrid routers do.</summary>
/// <remarks>
/// <para>
/// P = sigmoid(bias + sum of w_i * logit(p_i)). With weights that add up to 1 and no bias this is the weighted geometric mean of the odds; fitted weights (<c>MixtureTrainer</c> in
/// RouteLLM.Net.Training) need not add up to 1. Probabilities nearer to 0 or 1 than <see cref="MinProbability"/> count as that, so that a rule that is sure outweighs the others without silencing them.
/// </para>
/// <para>
/// Parts are asked at the same time, and a batch goes to each part as one batch. A part that fails fails the mixture, unless <see cref="LeaveOutFailures"/> is set. Routers of different kinds err on
/// different prompts, so a mixture transfers better to new kinds of traffic than its parts.
/// </para>
/// </remarks>
public sealed class MixtureRouter : IBatchRouter
{
    /// <summary>The least probability a part is taken to give, and 1 minus it the largest.</summary>
    public const double MinProbability = 0.001;

    private readonly MixturePart[] _parts;
    private readonly double _totalWeight;
    private readonly RouterMetadata _metadata;

    /// <summary>Initializes a new instance of the <see cref="MixtureRouter"/> class.</summary>
    /// <param name="parts">The routers and their weights; at least one.</param>
    /// <param name="bias">Added to the log-odds.</param>
    /// <param name="name">The router's default name. The default is <c>mixture</c>.</param>
    /// <exception cref="ArgumentException">There are no parts, or one is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bias"/> is not finite.</exception>
    public MixtureRouter(IEnumerable<MixturePart> parts, double bias = 0, string name = "mixture")
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        _parts = [.. parts];
        if (_parts.Length == 0 || Array.IndexOf(_parts, null) >= 0)
        {
            throw new ArgumentException("A mixture has at least one part, and none is null.", nameof(parts));
        }

        if (!double.IsFinite(bias))
        {
            throw new ArgumentOutOfRangeException(nameof(bias), bias, "A bias is a finite number.");
        }

        Bias = bias;
        _totalWeight = _parts.Sum(static part => Math.Abs(part.Weight));
        _metadata = new RouterMetadata(name);
    }

    /// <summary>Gets the routers and their weights.</summary>
    public IReadOnlyList<MixturePart> Parts => _parts;

    /// <summary>Gets what is added to the log-odds.</summary>
    public double Bias { get; }

    /// <summary>Gets the quantiles of the mixture's own scores, or <see langword="null"/>; with them, a strong share can be asked for.</summary>
    public ScoreQuantiles? Quantiles { get; init; }

    /// <summary>
    /// Gets a value indicating whether a part that fails is left out and the weights of the others are scaled up to the same total. The default is <see langword="false"/>: the mixture fails. It
    /// also fails if all parts do.
    /// </summary>
    public bool LeaveOutFailures { get; init; }

    /// <inheritdoc/>
    public async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        double[]?[] predictions = await AskAsync(
            async router => [await router.PredictWinProbabilityAsync(request, cancellationToken).ConfigureAwait(false)], 1, cancellationToken).ConfigureAwait(false);
        return Mix(predictions, 0);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        double[]?[] predictions = await AskAsync(
            async router => [.. await router.PredictWinProbabilitiesAsync(requests, cancellationToken).ConfigureAwait(false)], requests.Count, cancellationToken).ConfigureAwait(false);
        return [.. Enumerable.Range(0, requests.Count).Select(i => Mix(predictions, i))];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, _metadata, Quantiles);

    /// <summary>Gives the log-odds of a probability, as a mixture counts it.</summary>
    internal static double Logit(double probability)
    {
        double clamped = Math.Clamp(probability, MinProbability, 1 - MinProbability);
        return Math.Log(clamped / (1 - clamped));
    }

    /// <summary>Asks all parts at once, and gives for each its probabilities, or <see langword="null"/> where it failed and may be left out.</summary>
    private async Task<double[]?[]> AskAsync(Func<IRouter, Task<double[]>> ask, int count, CancellationToken cancellationToken)
    {
        Task<double[]>[] pending = [.. _parts.Select(async (part, index) => Checked(await ask(part.Router).ConfigureAwait(false), count, index))];
        await ((Task)Task.WhenAll(pending)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Task<double[]>[] failed = Array.FindAll(pending, static task => !task.IsCompletedSuccessfully);
        if (failed.Length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (failed.Length == 1 && (!LeaveOutFailures || _parts.Length == 1))
            {
                await failed[0].ConfigureAwait(false);
            }
            else if (!LeaveOutFailures || failed.Length == _parts.Length)
            {
                throw new AggregateException(
                    $"{failed.Length} of the mixture's {_parts.Length} parts failed.", failed.Select(static task => task.Exception?.InnerException ?? new OperationCanceledException("The part was cancelled.")));
            }
        }

        return Array.ConvertAll(pending, static task => task.IsCompletedSuccessfully ? task.Result : null);
    }

    private static double[] Checked(double[] probabilities, int count, int part)
    {
        if (probabilities.Length != count)
        {
            throw new InvalidOperationException($"Part {part} of the mixture gave {probabilities.Length} probabilities for {count} requests.");
        }

        foreach (double probability in probabilities)
        {
            if (probability is not (>= 0 and <= 1))
            {
                throw new InvalidOperationException($"Part {part} of the mixture gave {probability}, which is no probability in [0, 1].");
            }
        }

        return probabilities;
    }

    private double Mix(double[]?[] predictions, int request)
    {
        double sum = 0;
        double weight = 0;
        for (int part = 0; part < predictions.Length; part++)
        {
            if (predictions[part] is { } probabilities)
            {
                sum += _parts[part].Weight * Logit(probabilities[request]);
                weight += Math.Abs(_parts[part].Weight);
            }
        }

        double logit = Bias + (weight > 0 ? sum * (_totalWeight / weight) : 0);
        return 1 / (1 + Math.Exp(-logit));
    }
}
