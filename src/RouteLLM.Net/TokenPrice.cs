using Microsoft.Extensions.AI;

namespace RouteLLM;

/// <summary>What a model's tokens cost.</summary>
public sealed record TokenPrice
{
    private const decimal Million = 1_000_000;

    /// <summary>Initializes a new instance of the <see cref="TokenPrice"/> class.</summary>
    /// <param name="inputPerMillion">USD per million input tokens, at least 0.</param>
    /// <param name="outputPerMillion">USD per million output tokens, at least 0.</param>
    /// <param name="cachedInputPerMillion">USD per million input tokens that the provider had in its cache, at least 0; as other input tokens if <see langword="null"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A price is negative.</exception>
    public TokenPrice(decimal inputPerMillion, decimal outputPerMillion, decimal? cachedInputPerMillion = null)
    {
        InputPerMillion = Valid(inputPerMillion, nameof(inputPerMillion));
        OutputPerMillion = Valid(outputPerMillion, nameof(outputPerMillion));
        CachedInputPerMillion = Valid(cachedInputPerMillion ?? inputPerMillion, nameof(cachedInputPerMillion));
    }

    /// <summary>Gets the USD per million input tokens.</summary>
    public decimal InputPerMillion { get; }

    /// <summary>Gets the USD per million output tokens.</summary>
    public decimal OutputPerMillion { get; }

    /// <summary>Gets the USD per million input tokens that the provider had in its cache.</summary>
    public decimal CachedInputPerMillion { get; }

    /// <summary>Gives the price of tokens, exactly.</summary>
    /// <param name="inputTokens">The input tokens, cached ones included.</param>
    /// <param name="outputTokens">The output tokens.</param>
    /// <param name="cachedInputTokens">How many of the input tokens the provider had in its cache.</param>
    /// <returns>The price in USD.</returns>
    public decimal CostOf(long inputTokens, long outputTokens, long cachedInputTokens = 0) =>
        (((inputTokens - cachedInputTokens) * InputPerMillion) + (cachedInputTokens * CachedInputPerMillion) + (outputTokens * OutputPerMillion)) / Million;

    /// <summary>Gives the price of a call's tokens, exactly.</summary>
    /// <param name="usage">What the provider says was used; what it does not say counts as 0.</param>
    /// <returns>The price in USD.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="usage"/> is <see langword="null"/>.</exception>
    public decimal CostOf(UsageDetails usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        long input = usage.InputTokenCount ?? 0;
        return CostOf(input, usage.OutputTokenCount ?? 0, Math.Min(usage.CachedInputTokenCount ?? 0, input));
    }

    private static decimal Valid(decimal price, string name) =>
        price >= 0 ? price : throw new ArgumentOutOfRangeException(name, price, "A price is a number of USD per million tokens, at least 0.");
}
