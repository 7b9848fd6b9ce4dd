namespace RouteLLM.Evaluation;

/// <summary>A request as it is simulated, whether it comes from a log or from a row.</summary>
internal readonly record struct SimulatedRequest
{
    /// <summary>Gets the prompt, or <see langword="null"/>.</summary>
    public string? Prompt { get; init; }

    /// <summary>Gets the win probability; NaN if it is yet to be scored, or never will be.</summary>
    public double WinProbability { get; init; }

    /// <summary>Gets which way it went, or <see langword="null"/> if that is not known.</summary>
    public bool? WasStrong { get; init; }

    /// <summary>Gets a value indicating whether it stays as it was, whatever the threshold.</summary>
    public bool IsFixed { get; init; }

    public RowOrigin? Origin { get; init; }

    public AnswerFigures Strong { get; init; }

    public AnswerFigures Weak { get; init; }

    public bool GoesStrong(double threshold) => IsFixed ? WasStrong!.Value : WinProbability >= threshold;
}
