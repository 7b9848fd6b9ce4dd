using Microsoft.Extensions.AI;

namespace RouteLLM.Training;

/// <summary>What a model's tokens cost.</summary>
/// <param name="InputPerMillion">USD per million input tokens, at least 0.</param>
/// <param name="OutputPerMillion">USD per million output tokens, at least 0.</param>
public sealed record TokenPrice(decimal InputPerMillion, decimal OutputPerMillion)
{
    private const decimal Million = 1_000_000;

    /// <summary>Gets the price of input tokens that the provider had in its cache, in USD per million, or <see langword="null"/> if they cost the same as others.</summary>
    public decimal? CachedInputPerMillion { get; init; }

    /// <summary>Gives the price of tokens, exactly.</summary>
    /// <param name="inputTokens">The input tokens.</param>
    /// <param name="outputTokens">The output tokens.</param>
    /// <returns>The price in USD.</returns>
    public decimal UsdOf(long inputTokens, long outputTokens) => ((inputTokens * InputPerMillion) + (outputTokens * OutputPerMillion)) / Million;

    /// <summary>Gives the price of a call's tokens, exactly.</summary>
    /// <param name="usage">What the provider says was used; what it does not say counts as 0.</param>
    /// <returns>The price in USD.</returns>
    public decimal UsdOf(UsageDetails usage)
    {
        ArgumentNullException.ThrowIfNull(usage);
        long input = usage.InputTokenCount ?? 0, cached = Math.Min(usage.CachedInputTokenCount ?? 0, input);
        return UsdOf(input - cached, usage.OutputTokenCount ?? 0) + (cached * (CachedInputPerMillion ?? InputPerMillion) / Million);
    }

    internal void Validate(string whose)
    {
        if (InputPerMillion < 0 || OutputPerMillion < 0 || CachedInputPerMillion < 0)
        {
            throw new ArgumentException($"The price of {whose} is {InputPerMillion} for input, {OutputPerMillion} for output and {CachedInputPerMillion} for cached input; expected numbers of at least 0, in USD per million tokens.");
        }
    }
}
