namespace RouteLLM.Evaluation;

/// <summary>How resampling is done.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Gets how often prompts are drawn again, at least 1; 1,000 by default.</summary>
    public int Resamples { get; init; } = 1000;

    /// <summary>Gets the share of resampled values inside an interval, between 0 and 1; 0.95 by default.</summary>
    public double Confidence { get; init; } = 0.95;

    /// <summary>Gets the seed; 0 by default. The same seed gives the same numbers.</summary>
    public int Seed { get; init; }

    /// <summary>Gets how many threads are used at most; all processors by default. It does not change the numbers.</summary>
    public int MaxDegreeOfParallelism { get; init; } = Environment.ProcessorCount;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Resamples, 1, nameof(Resamples));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxDegreeOfParallelism, 1, nameof(MaxDegreeOfParallelism));
        if (Confidence is not (> 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Confidence), Confidence, "A confidence lies between 0 and 1.");
        }
    }
}
