namespace RouteLLM;

/// <summary>What happens to requests once a budget is used up.</summary>
public enum BudgetExhaustion
{
    /// <summary>Only the last, weakest route is called, and goes on being charged; where it may not be, no route is left (<see cref="NoRouteAvailableException"/>).</summary>
    WeakOnly,

    /// <summary>Requests are refused with a <see cref="BudgetExceededException"/>.</summary>
    Refuse,
}
