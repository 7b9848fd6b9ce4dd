namespace RouteLLM.Internals;

/// <summary>A budget, frozen: which requests and routes it is for, and where what they cost is booked.</summary>
internal sealed class BudgetScope
{
    private const int SlidingBuckets = 60;

    // A call may end after the period in which it began, and its cost belongs there.
    private static readonly TimeSpan s_slack = TimeSpan.FromDays(1);

    private readonly BudgetPeriod _period;
    private readonly string _key;
    private readonly string? _tenant;
    private readonly string? _user;
    private readonly long _bucketTicks;
    private readonly decimal _raiseFrom;
    private readonly Action<BudgetStatus>? _warning;

    public BudgetScope(Budget budget, Action<BudgetStatus>? warning)
    {
        Name = budget.Name;
        Limit = budget.Limit;
        Route = budget.Route;
        WarnAt = Limit * (decimal)budget.WarnShare;
        Refuses = budget.WhenExhausted == BudgetExhaustion.Refuse;
        _raiseFrom = Limit * (decimal)budget.RaiseFrom;
        _period = budget.Period;
        _tenant = budget.Tenant;
        _user = budget.User;
        _warning = warning;
        _bucketTicks = budget.Window.Ticks / SlidingBuckets;

        // Amounts of another period, or of another route, tenant or user, are other amounts, also under the same name.
        _key = $"{Escape(Name)}/{(_period == BudgetPeriod.Sliding ? FormattableString.Invariant($"sliding-{budget.Window:c}") : _period == BudgetPeriod.Day ? "day" : "month")}" +
            $"{Fixed("route", Route)}{Fixed("tenant", _tenant)}{Fixed("user", _user)}";
    }

    public string Name { get; }

    public decimal Limit { get; }

    /// <summary>Gets the route that the budget is for, <see cref="Budget.Each"/>, or <see langword="null"/> for all together.</summary>
    public string? Route { get; }

    /// <summary>Gets the spent amount at which to warn, in USD.</summary>
    public decimal WarnAt { get; }

    public bool Refuses { get; }

    public bool IsFor(RouteRequest request) => Matches(_tenant, request.Tenant) && Matches(_user, request.User);

    public bool IsFor(string route) => Matches(Route, route);

    /// <summary>Gives the account of a request, without its limit.</summary>
    public LedgerAccount AccountOf(RouteRequest request, string route, DateTimeOffset now)
    {
        string key = _key;
        if (Route == Budget.Each)
        {
            key += $"|route={Escape(route)}";
        }

        if (_tenant == Budget.Each)
        {
            key += $"|tenant={Escape(request.Tenant)}";
        }

        if (_user == Budget.Each)
        {
            key += $"|user={Escape(request.User)}";
        }

        now = now.ToUniversalTime();
        long bucket = _period switch
        {
            BudgetPeriod.Month => (now.Year * 12) + now.Month - 1,
            BudgetPeriod.Day => now.Ticks / TimeSpan.TicksPerDay,
            _ => now.Ticks / _bucketTicks,
        };
        return new(key, bucket, _period == BudgetPeriod.Sliding ? bucket - SlidingBuckets : bucket, (EndOf(now) ?? now.AddTicks(_bucketTicks * (SlidingBuckets + 2))) + s_slack);
    }

    /// <summary>Gives when the period begins anew, or <see langword="null"/> for a sliding window.</summary>
    public DateTimeOffset? EndOf(DateTimeOffset now) => _period switch
    {
        BudgetPeriod.Month => new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero).AddMonths(1),
        BudgetPeriod.Day => new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(1),
        _ => null,
    };

    public BudgetStatus StatusOf(LedgerAccount account, LedgerBalance balance) =>
        new(Name, account.Key, Limit, balance.Spent, balance.Reserved) { Tenant = _tenant == Budget.Each ? TenantIn(account.Key) : _tenant };

    /// <summary>Gives what a balance adds to thresholds: from 0 at the share from which they are raised to 1 where nothing is left.</summary>
    public double ShiftAt(LedgerBalance balance) =>
        balance.Used <= _raiseFrom || _raiseFrom >= Limit ? 0 : (double)Math.Min((balance.Used - _raiseFrom) / (Limit - _raiseFrom), 1);

    public void Warn(BudgetStatus status) => _warning?.Invoke(status);

    private static bool Matches(string? wanted, string? actual) => wanted is null or Budget.Each || wanted == actual;

    private static string Fixed(string what, string? name) => name is null or Budget.Each ? "" : $"|{what}={Escape(name)}";

    private static string? TenantIn(string key)
    {
        const string Mark = "|tenant=";
        string rest = key[(key.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length)..];
        int end = rest.IndexOf('|', StringComparison.Ordinal);
        return Uri.UnescapeDataString(end < 0 ? rest : rest[..end]) is { Length: > 0 } tenant ? tenant : null;
    }

    // A tenant's name is not to read like another account's key.
    private static string Escape(string? name) =>
        name is null || !name.AsSpan().ContainsAny("%|/=")
            ? name ?? ""
            : name.Replace("%", "%25", StringComparison.Ordinal).Replace("|", "%7C", StringComparison.Ordinal).Replace("/", "%2F", StringComparison.Ordinal).Replace("=", "%3D", StringComparison.Ordinal);
}
