namespace RouteLLM;

/// <summary>Gives every request a win probability drawn uniformly from [0, 1): the baseline that every router has to beat.</summary>
/// <remarks>
/// <para>
/// At threshold t it sends the share 1 - t of the traffic to the strong model, whatever the prompts say, so its <see cref="ScoreQuantiles"/> are known
/// exactly and a strong share needs no calibration.
/// </para>
/// <para>
/// Draw n is the n-th output of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014), made from a counter,
/// so concurrent callers share the sequence without a lock and each draw is given out exactly once. A seed fixes the sequence on every platform; which of
/// several concurrent callers gets which draw is up to their timing.
/// </para>
/// </remarks>
public sealed class RandomRouter : IRouter
{
    private static readonly RouterMetadata s_metadata = new("random");
    private static readonly ScoreQuantiles s_uniform = new([0, 1]);

    private readonly ulong _seed;
    private long _draws;

    /// <summary>Initializes a new instance of the <see cref="RandomRouter"/> class.</summary>
    /// <param name="seed">The seed of a reproducible sequence, or <see langword="null"/> (the default) for another sequence each time.</param>
    public RandomRouter(int? seed = null) => _seed = (ulong)(seed ?? Random.Shared.NextInt64());

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<double>(cancellationToken) : new(NextDraw());
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, s_metadata, s_uniform);

    private double NextDraw()
    {
        ulong z = _seed + ((ulong)Interlocked.Increment(ref _draws) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;

        // The upper 53 bits are all a double in [0, 1) can hold.
        return (z >> 11) * (1.0 / (1UL << 53));
    }
}
