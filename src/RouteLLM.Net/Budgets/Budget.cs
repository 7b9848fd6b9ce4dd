namespace RouteLLM;

/// <summary>How much may be spent in a time: by all requests, or by those of a route, a tenant or a user.</summary>
/// <remarks>
/// <para>
/// <see cref="Route"/>, <see cref="Tenant"/> and <see cref="User"/> narrow down what counts: a name for that one, <see cref="Each"/> for an amount of its own for each, <see langword="null"/> for all together. Requests without a tenant
/// share one amount among them.
/// </para>
/// <para>
/// Before a route with a price is called, its expected cost is reserved, and the call refused if spent, reserved and expected amounts together exceed the limit. Afterwards the reservation is replaced by the real cost. So a limit can be exceeded by no more
/// than what the calls in flight cost beyond their reservations (see <see cref="SpendingOptions.ReserveMaximum"/>).
/// </para>
/// </remarks>
public sealed class Budget
{
    /// <summary>The value of <see cref="Route"/>, <see cref="Tenant"/> or <see cref="User"/> that gives each of them an amount of its own.</summary>
    public const string Each = "*";

    /// <summary>Gets or sets the budget's name, unique among the budgets of a ledger: what was spent is kept under it.</summary>
    public string Name { get; set; } = "";

    /// <summary>Gets or sets how much may be spent, in USD; more than 0.</summary>
    public decimal Limit { get; set; }

    /// <summary>Gets or sets what time the limit is for. The default is a month.</summary>
    public BudgetPeriod Period { get; set; }

    /// <summary>Gets or sets the length of a sliding window, from a minute to a year. The default is a day. It is counted in sixtieths: an amount is forgotten at most a sixtieth of the length too late, and never too early.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Gets or sets the route whose cost counts, <see cref="Each"/>, or <see langword="null"/> for all routes together, the default.</summary>
    public string? Route { get; set; }

    /// <summary>Gets or sets the tenant whose requests count, <see cref="Each"/>, or <see langword="null"/> for those of all, the default.</summary>
    public string? Tenant { get; set; }

    /// <summary>Gets or sets the user whose requests count, <see cref="Each"/>, or <see langword="null"/> for those of all, the default.</summary>
    public string? User { get; set; }

    /// <summary>Gets or sets the share of the limit, in (0, 1], at which to warn, once a period. The default is 0.8.</summary>
    public double WarnShare { get; set; } = 0.8;

    /// <summary>
    /// Gets or sets the share of the limit, in [0, 1], from which the threshold is raised: by nothing at this share, by 1 where nothing is left, and linearly in between, so that ever fewer requests go to a stronger route. The default is 0.8; 1 raises nothing.
    /// </summary>
    public double RaiseFrom { get; set; } = 0.8;

    /// <summary>Gets or sets what happens once nothing is left. The default is <see cref="BudgetExhaustion.WeakOnly"/>. A budget for a route removes that route alone, unless it refuses.</summary>
    public BudgetExhaustion WhenExhausted { get; set; }

    /// <summary>Gives what is wrong with this budget, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        string budget = $"The budget '{Name}'";
        if (string.IsNullOrWhiteSpace(Name))
        {
            yield return "A budget has no Name; give each a name of its own, under which the ledger keeps what was spent.";
        }

        if (Limit <= 0)
        {
            yield return FormattableString.Invariant($"{budget} has a Limit of {Limit}; set the USD that may be spent, more than 0.");
        }

        if (!Enum.IsDefined(Period))
        {
            yield return $"{budget} has a Period of {Period}, but it is Month, Day or Sliding.";
        }

        if (Period == BudgetPeriod.Sliding && (Window < TimeSpan.FromMinutes(1) || Window > TimeSpan.FromDays(366)))
        {
            yield return $"{budget} has a Window of {Window}; a sliding window is a minute to 366 days long.";
        }

        if (WarnShare is not (> 0 and <= 1))
        {
            yield return FormattableString.Invariant($"{budget} has a WarnShare of {WarnShare}, but a share lies in (0, 1]; 80% is 0.8.");
        }

        if (RaiseFrom is not (>= 0 and <= 1))
        {
            yield return FormattableString.Invariant($"{budget} has a RaiseFrom of {RaiseFrom}, but a share lies in [0, 1]; 1 never raises the threshold.");
        }

        if (!Enum.IsDefined(WhenExhausted))
        {
            yield return $"{budget} has a WhenExhausted of {WhenExhausted}, but it is WeakOnly or Refuse.";
        }
    }
}
