namespace RouteLLM;

/// <summary>Options of a <see cref="JudgeRouter"/>.</summary>
public class JudgeRouterOptions : ChatModelRouterOptions
{
    /// <summary>Gets or sets the win probability of each difficulty from 1 to 5, ascending. The defaults are .05, .15, .35, .6 and .85.</summary>
    public IReadOnlyList<double> WinProbabilities { get; set; } = [0.05, 0.15, 0.35, 0.6, 0.85];

    internal override void Check()
    {
        base.Check();
        if (WinProbabilities is not { Count: 5 } || WinProbabilities.Any(static p => p is not (>= 0 and <= 1)) || !WinProbabilities.SequenceEqual(WinProbabilities.Order()))
        {
            throw new ArgumentException($"{nameof(WinProbabilities)} are five ascending numbers in [0, 1], one for each difficulty.");
        }
    }
}
