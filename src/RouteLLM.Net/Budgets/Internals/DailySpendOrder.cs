namespace RouteLLM.Internals;

/// <summary>The order in which stores give what was spent.</summary>
internal static class DailySpendOrder
{
    public static IReadOnlyList<DailySpend> Sort(IEnumerable<DailySpend> rows) =>
        [.. rows.OrderBy(static row => row.Day).ThenBy(static row => row.Route, StringComparer.Ordinal).ThenBy(static row => row.Tenant, StringComparer.Ordinal)];
}
