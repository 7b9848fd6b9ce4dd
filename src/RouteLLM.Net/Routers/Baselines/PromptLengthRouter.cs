namespace RouteLLM;

/// <summary>Takes longer prompts for harder ones: the win probability rises linearly with the prompt's length.</summary>
/// <remarks>
/// The score is (length - min) / (max - min), held to [0, 1]. Lengths are counted in Unicode code points, so an emoji counts once, as in Python; an
/// unpaired surrogate counts as one too. With the shortest and longest prompt of a data set as bounds it is the length baseline that RouteLLM's
/// benchmarks are compared with. Ties count nothing: the score is an ordering, not a calibrated probability.
/// </remarks>
public sealed class PromptLengthRouter : IRouter
{
    private static readonly RouterMetadata s_metadata = new("prompt-length");

    /// <summary>Initializes a new instance of the <see cref="PromptLengthRouter"/> class.</summary>
    /// <param name="minLength">The length, in code points, up to which the win probability is 0. The default is 0.</param>
    /// <param name="maxLength">The length, in code points, from which the win probability is 1. The default is 1,000, which some 8% of the chat prompts that the built-in router is trained on exceed.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minLength"/> is negative, or <paramref name="maxLength"/> is not greater than it.</exception>
    public PromptLengthRouter(int minLength = 0, int maxLength = 1000)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(minLength);
        if (maxLength <= minLength)
        {
            throw new ArgumentOutOfRangeException(nameof(maxLength), maxLength, $"The maximum length must be greater than the minimum length, {minLength}.");
        }

        MinLength = minLength;
        MaxLength = maxLength;
    }

    /// <summary>Gets the length, in code points, up to which the win probability is 0.</summary>
    public int MinLength { get; }

    /// <summary>Gets the length, in code points, from which the win probability is 1.</summary>
    public int MaxLength { get; }

    /// <inheritdoc/>
    public ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<double>(cancellationToken) : new(Score(request.Prompt));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        RouterServices.Find(this, serviceType, serviceKey, s_metadata);

    private double Score(string prompt)
    {
        int length = CodePoints.Count(prompt, MaxLength);
        return length <= MinLength ? 0 : (double)(length - MinLength) / (MaxLength - MinLength);
    }
}
