namespace RouteLLM.Redis.Internals;

/// <summary>Amounts as Redis keeps them: whole billionths of a dollar.</summary>
internal static class NanoUsd
{
    /// <summary>The greatest limit, nine million dollars: Lua compares doubles, which hold whole numbers exactly up to 2^53.</summary>
    public const decimal MaxLimit = 9_000_000;

    private const decimal PerUsd = 1_000_000_000;

    /// <summary>Gives what a call cost, rounded to the nearest billionth of a dollar, to even if there are two.</summary>
    public static long FromCost(decimal usd) => decimal.ToInt64(decimal.Round(usd * PerUsd, MidpointRounding.ToEven));

    /// <summary>Gives what to reserve, rounded up, so that no limit is exceeded for rounding.</summary>
    public static long FromReservation(decimal usd) => decimal.ToInt64(decimal.Ceiling(usd * PerUsd));

    /// <summary>Gives a limit, rounded down.</summary>
    public static long FromLimit(decimal usd) =>
        usd <= MaxLimit
            ? decimal.ToInt64(decimal.Floor(usd * PerUsd))
            : throw new ArgumentOutOfRangeException(nameof(usd), usd, FormattableString.Invariant($"A budget of {usd} USD is more than Redis can compare exactly; set a Limit of at most {MaxLimit}."));

    public static decimal ToUsd(long nano) => nano / PerUsd;
}
