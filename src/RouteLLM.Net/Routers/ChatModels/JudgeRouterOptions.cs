namespace RouteLLM;

/// <summary>Options of a <see cref="JudgeRouter"/>; read once, when the router is made.</summary>
public sealed class JudgeRouterOptions : ChatModelRouterOptions
{
    /// <summary>Gets or sets what the judge is told before it reads the prompt. The default is <see cref="JudgeRouter.DefaultInstructions"/>.</summary>
    /// <remarks>Instructions of one's own ask for a difficulty from 1 to 10 too. Changed instructions make for new keys in the cache.</remarks>
    public string Instructions { get; set; } = JudgeRouter.DefaultInstructions;

    /// <summary>Gets or sets the win probability of each difficulty from 1 to 10: ten values in [0, 1], none less than the one before. The default is <see cref="JudgeRouter.DefaultWinProbabilities"/>.</summary>
    /// <remarks>They are applied after the cache, so they can be changed without asking the judge anew.</remarks>
    public IReadOnlyList<double> WinProbabilities { get; set; } = JudgeRouter.DefaultWinProbabilities;

    internal override void Validate()
    {
        base.Validate();
        ArgumentException.ThrowIfNullOrWhiteSpace(Instructions, nameof(Instructions));
        ArgumentNullException.ThrowIfNull(WinProbabilities, nameof(WinProbabilities));
        if (WinProbabilities.Count != JudgeRouter.MaxDifficulty)
        {
            throw new ArgumentException($"WinProbabilities has {WinProbabilities.Count} values, but there are {JudgeRouter.MaxDifficulty} difficulties.");
        }

        for (int i = 0; i < WinProbabilities.Count; i++)
        {
            if (WinProbabilities[i] is not (>= 0 and <= 1) || (i > 0 && WinProbabilities[i] < WinProbabilities[i - 1]))
            {
                throw new ArgumentException($"The win probability of difficulty {i + 1} is {WinProbabilities[i]}; expected values in [0, 1], none less than the one before.");
            }
        }
    }
}
