namespace RouteLLM.Training;

/// <summary>What calls of chat models cost.</summary>
/// <param name="Calls">How many calls were answered.</param>
/// <param name="InputTokens">The input tokens.</param>
/// <param name="OutputTokens">The output tokens.</param>
/// <param name="Usd">The price in USD; 0 for models whose price is not known.</param>
/// <param name="EstimatedCalls">For how many of the calls the tokens are estimated from the texts' lengths, because the provider did not tell.</param>
public sealed record CallCost(int Calls, long InputTokens, long OutputTokens, decimal Usd, int EstimatedCalls = 0)
{
    /// <summary>Gets the cost of no call.</summary>
    public static CallCost None { get; } = new(0, 0, 0, 0);

    /// <summary>Adds two costs.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum.</returns>
    public static CallCost operator +(CallCost left, CallCost right) => Add(left, right);

    /// <summary>Adds two costs.</summary>
    /// <param name="left">The one.</param>
    /// <param name="right">The other.</param>
    /// <returns>The sum.</returns>
    public static CallCost Add(CallCost left, CallCost right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        return new(left.Calls + right.Calls, left.InputTokens + right.InputTokens, left.OutputTokens + right.OutputTokens, left.Usd + right.Usd, left.EstimatedCalls + right.EstimatedCalls);
    }
}
