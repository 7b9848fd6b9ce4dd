namespace RouteLLM.Evaluation;

/// <summary>What traffic costs when a share of it goes to the strong model, from prices and the tokens of a typical request.</summary>
public sealed record TrafficCost
{
    /// <summary>Initializes a new instance of the <see cref="TrafficCost"/> class.</summary>
    /// <param name="strongCost">The cost of a request at the strong model, in USD.</param>
    /// <param name="weakCost">The cost of a request at the weak model, in USD.</param>
    /// <param name="requests">How many requests there are, such as in a month.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite.</exception>
    public TrafficCost(double strongCost, double weakCost, double requests)
    {
        StrongCost = Valid(strongCost, nameof(strongCost));
        WeakCost = Valid(weakCost, nameof(weakCost));
        Requests = Valid(requests, nameof(requests));
    }

    /// <summary>Initializes a new instance of the <see cref="TrafficCost"/> class from prices.</summary>
    /// <param name="strong">What the strong model's tokens cost.</param>
    /// <param name="weak">What the weak model's tokens cost.</param>
    /// <param name="tokens">The tokens of a typical request.</param>
    /// <param name="requests">How many requests there are, such as in a month.</param>
    /// <exception cref="ArgumentOutOfRangeException">The requests are negative or not finite.</exception>
    public TrafficCost(TokenPrice strong, TokenPrice weak, TokenUsage tokens, double requests)
        : this(CostOf(strong, tokens, nameof(strong)), CostOf(weak, tokens, nameof(weak)), requests)
    {
    }

    /// <summary>Gets the cost of a request at the strong model, in USD.</summary>
    public double StrongCost { get; }

    /// <summary>Gets the cost of a request at the weak model, in USD.</summary>
    public double WeakCost { get; }

    /// <summary>Gets how many requests there are.</summary>
    public double Requests { get; }

    /// <summary>Gives what all requests cost at a strong share.</summary>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>The cost in USD.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in [0, 1].</exception>
    public double At(double strongShare) => strongShare is >= 0 and <= 1
        ? Requests * ((strongShare * StrongCost) + ((1 - strongShare) * WeakCost))
        : throw new ArgumentOutOfRangeException(nameof(strongShare), strongShare, "A strong share lies in [0, 1].");

    /// <summary>Gives the part of the cost of the strong model alone that a strong share saves.</summary>
    /// <param name="strongShare">The share, in [0, 1].</param>
    /// <returns>The part: negative if the weak model costs more; NaN if the strong model costs nothing.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The share is not in [0, 1].</exception>
    public double SavingAt(double strongShare)
    {
        double cost = At(strongShare);
        return At(1) == 0 ? double.NaN : 1 - (cost / At(1));
    }

    private static double CostOf(TokenPrice price, TokenUsage tokens, string name)
    {
        ArgumentNullException.ThrowIfNull(price, name);
        return (double)price.CostOf(tokens.Input, tokens.Output, tokens.CachedInput);
    }

    private static double Valid(double value, string name) =>
        value >= 0 && double.IsFinite(value) ? value : throw new ArgumentOutOfRangeException(name, value, "A finite number of at least 0 is expected.");
}
