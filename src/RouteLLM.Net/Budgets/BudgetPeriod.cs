namespace RouteLLM;

/// <summary>What time a budget is for.</summary>
public enum BudgetPeriod
{
    /// <summary>A calendar month in UTC.</summary>
    Month,

    /// <summary>A calendar day in UTC.</summary>
    Day,

    /// <summary>The time up to now of a given length (<see cref="Budget.Window"/>).</summary>
    Sliding,
}
