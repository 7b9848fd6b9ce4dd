namespace RouteLLM.Training;

/// <summary>A line of the journal.</summary>
/// <param name="Kind">What it records.</param>
/// <param name="Key">What an answer or a judgement is found by; of a failure, what failed.</param>
/// <param name="Id">The prompt's id.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Sample">The sample's number, from 0.</param>
/// <param name="Cost">What was paid.</param>
internal sealed record JournalEntry(JournalKind Kind, string Key, string Id, string Model, int Sample, CallCost Cost)
{
    public string? Rival { get; init; }

    /// <summary>Gets the answer's text, or what went wrong.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the score of a judgement.</summary>
    public double Score { get; init; }

    /// <summary>Gets the model as its answer names it.</summary>
    public string? ModelId { get; init; }

    public string? FinishReason { get; init; }
}
