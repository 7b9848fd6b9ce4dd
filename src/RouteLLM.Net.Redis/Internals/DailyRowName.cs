namespace RouteLLM.Redis.Internals;

/// <summary>The name of a day's row: its route's name, whose length goes before it, and its tenant, if there is one.</summary>
internal static class DailyRowName
{
    public static string Write(string route, string? tenant) => FormattableString.Invariant($"{route.Length}:{route}{(tenant is null ? "" : "=")}{tenant}");

    public static (string Route, string? Tenant) Read(string name)
    {
        int colon = name.IndexOf(':', StringComparison.Ordinal);
        int length = int.Parse(name.AsSpan(0, colon), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture);
        string rest = name[(colon + 1)..];
        return (rest[..length], rest.Length == length ? null : rest[(length + 1)..]);
    }
}
