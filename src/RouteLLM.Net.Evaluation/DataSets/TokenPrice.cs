namespace RouteLLM.Evaluation;

/// <summary>What a model's tokens cost.</summary>
public sealed record TokenPrice
{
    /// <summary>Initializes a new instance of the <see cref="TokenPrice"/> class.</summary>
    /// <param name="inputPerMillion">USD per million input tokens, at least 0.</param>
    /// <param name="outputPerMillion">USD per million output tokens, at least 0.</param>
    /// <param name="cachedInputPerMillion">USD per million input tokens read from the prompt cache, at least 0; as other input tokens if <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A price is negative or not finite.</exception>
    public TokenPrice(double inputPerMillion, double outputPerMillion, double? cachedInputPerMillion = null)
    {
        InputPerMillion = Valid(inputPerMillion, nameof(inputPerMillion));
        OutputPerMillion = Valid(outputPerMillion, nameof(outputPerMillion));
        CachedInputPerMillion = Valid(cachedInputPerMillion ?? inputPerMillion, nameof(cachedInputPerMillion));
    }

    /// <summary>Gets the USD per million input tokens.</summary>
    public double InputPerMillion { get; }

    /// <summary>Gets the USD per million output tokens.</summary>
    public double OutputPerMillion { get; }

    /// <summary>Gets the USD per million input tokens read from the prompt cache.</summary>
    public double CachedInputPerMillion { get; }

    /// <summary>Gives what an answer costs.</summary>
    /// <param name="usage">The tokens it took.</param>
    /// <returns>The cost in USD.</returns>
    public double CostOf(TokenUsage usage) =>
        (((usage.Input - usage.CachedInput) * InputPerMillion) + (usage.CachedInput * CachedInputPerMillion) + (usage.Output * OutputPerMillion)) / 1e6;

    private static double Valid(double price, string name) =>
        price >= 0 && double.IsFinite(price) ? price : throw new ArgumentOutOfRangeException(name, price, "A price is a number of USD per million tokens, at least 0.");
}
