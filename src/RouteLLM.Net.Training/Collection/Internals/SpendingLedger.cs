namespace RouteLLM.Training;

/// <summary>Counts what is spent, and refuses what would exceed the cap. Not safe to call from several threads at once.</summary>
/// <param name="earlier">What was spent before, in USD.</param>
/// <param name="cap">The cap in USD, or <see langword="null"/> for none.</param>
internal sealed class SpendingLedger(decimal earlier, decimal? cap)
{
    private decimal _underWay;

    /// <summary>Gets what has been spent in this run.</summary>
    public CallCost Spent { get; private set; } = CallCost.None;

    /// <summary>Sets money aside for a call.</summary>
    /// <returns>Whether the cap allows it.</returns>
    public bool TryReserve(decimal usd)
    {
        if (earlier + Spent.Usd + _underWay + usd > cap)
        {
            return false;
        }

        _underWay += usd;
        return true;
    }

    /// <summary>Pays for a call.</summary>
    /// <param name="reserved">What was set aside for it.</param>
    /// <param name="cost">What it cost.</param>
    public void Settle(decimal reserved, CallCost cost)
    {
        _underWay -= reserved;
        Spent += cost;
    }
}
