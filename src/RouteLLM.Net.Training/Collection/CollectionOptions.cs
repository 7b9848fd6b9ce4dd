namespace RouteLLM.Training;

/// <summary>Options of an <see cref="AnswerCollector"/>; read once, when the collector is made.</summary>
public sealed class CollectionOptions
{
    /// <summary>Gets or sets the journal: the file that every answer and judgement is appended to as it arrives, and from which a later run goes on. It is created if it does not exist.</summary>
    public required string JournalPath { get; set; }

    /// <summary>Gets or sets the training file, which is written anew at the end of each run; none if <see langword="null"/>, the default.</summary>
    public string? OutputPath { get; set; }

    /// <summary>Gets or sets what scores the answers; answers alone are collected if <see langword="null"/>, the default.</summary>
    public IResponseScorer? Scorer { get; set; }

    /// <summary>Gets or sets how many answers each model is asked for per prompt, at least 1, the default. Several are for <see cref="HybridLabelRules.Probabilistic"/>, and differ only if the models sample (a temperature above 0).</summary>
    public int Samples { get; set; } = 1;

    /// <summary>Gets or sets how many calls are under way at the same time, of all models and the judge together, at least 1; 8 by default.</summary>
    public int MaxConcurrency { get; set; } = 8;

    /// <summary>Gets or sets how the models' failed calls are made again. A judge has retries of its own.</summary>
    public CallRetryOptions Retry { get; set; } = new();

    /// <summary>Gets or sets the most that may be spent, in USD, with what the journal records of earlier runs; no limit if <see langword="null"/>, the default. It needs the prices of all models and of the judge.</summary>
    /// <remarks>
    /// A call is not begun if its estimate, on top of what is spent and what calls under way are estimated at, exceeds the cap. An answer is taken to be as long as its options allow (MaxOutputTokens), or as long as expected if they set no limit.
    /// So what is spent can exceed the cap, but by no more than calls under way cost beyond their estimates: set MaxOutputTokens to keep that small.
    /// </remarks>
    public decimal? SpendingCap { get; set; }

    /// <summary>Gets or sets after how many failures in a row a model, or the scorer, is not asked any more in this run, at least 1; 20 by default. It keeps a wrong key from failing ten thousand times.</summary>
    public int MaxFailuresInARow { get; set; } = 20;

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(JournalPath, nameof(JournalPath));
        ArgumentNullException.ThrowIfNull(Retry);
        Retry.Validate();
        if (OutputPath is not null && (string.IsNullOrWhiteSpace(OutputPath) || Path.GetFullPath(OutputPath) == Path.GetFullPath(JournalPath)))
        {
            throw new ArgumentException($"{nameof(OutputPath)} is '{OutputPath}'; expected a file other than the journal '{JournalPath}'.");
        }

        if (Samples < 1 || MaxConcurrency < 1 || MaxFailuresInARow < 1)
        {
            throw new ArgumentException($"{nameof(Samples)}, {nameof(MaxConcurrency)} and {nameof(MaxFailuresInARow)} are {Samples}, {MaxConcurrency} and {MaxFailuresInARow}; expected at least 1 of each.");
        }

        if (SpendingCap < 0)
        {
            throw new ArgumentException($"{nameof(SpendingCap)} is {SpendingCap}; expected at least 0 USD, or null for no limit.");
        }
    }
}
