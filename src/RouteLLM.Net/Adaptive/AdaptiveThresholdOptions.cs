namespace RouteLLM;

/// <summary>Options that have a client hold a strong share, or spend a monthly budget evenly, by itself as its traffic drifts.</summary>
/// <remarks>
/// <para>
/// The threshold is the quantile of the scores of recent requests at which the wanted share lies above it. The level of the quantile is corrected after every request by <see cref="Gain"/> times the difference of the
/// wanted share and what the request was, strong (1) or weak (0): adaptive conformal inference (<see href="https://arxiv.org/abs/2106.00170">Gibbs and Candès 2021</see>, equation 2). So the number of strong requests never strays from the wanted
/// number by more than about 1 / <see cref="Gain"/> requests, 200 by default, whatever the scores are; that is 2% after 10,000 requests.
/// </para>
/// <para>
/// A monthly budget is spent evenly over what is left of the calendar month (UTC): what is left of it, divided by the requests that are still to be expected, is what a request may cost on average; with the mean costs of recent strong and weak
/// requests that gives the share to hold, anew for every request. A route without a price counts nothing. It paces and does not stop at the last cent.
/// </para>
/// <para>
/// It sets the threshold of a policy that compares with one threshold, and takes the place of a calibration's. Requests that ask for a threshold, a share or a router of their own are left alone, and so is what rules and budgets add to the threshold.
/// What was learned outlives a change of the configuration, not a restart.
/// </para>
/// </remarks>
public sealed class AdaptiveThresholdOptions
{
    /// <summary>Gets or sets the share of requests to send to the strong model, in [0, 1]; with a <see cref="MonthlyBudget"/>, the most that may be sent there. <see langword="null"/> by default.</summary>
    public double? StrongShare { get; set; }

    /// <summary>Gets or sets the USD to spend in a calendar month (UTC), or <see langword="null"/>, the default, for none.</summary>
    public decimal? MonthlyBudget { get; set; }

    /// <summary>
    /// Gets or sets what tells the USD spent since the month began, by all instances and before a restart, or <see langword="null"/>, the default, for what the ledger (<see cref="RoutedChatClientOptions.Spending"/>) has of the client's routes, read every
    /// 10 seconds, or, if there is none, for what this client has spent. Asked at most once a second, on a request's own thread, so it is to be quick; what it throws is ignored. What this client has spent since it started counts in any case.
    /// </summary>
    public Func<decimal>? Spent { get; set; }

    /// <summary>Gets or sets how many requests the distribution of scores remembers, at least 10. The default is 2,000; the weight of older ones decays exponentially.</summary>
    public int Memory { get; set; } = 2_000;

    /// <summary>Gets or sets by how much a request corrects the share, in (0, 0.05]. The default is 0.005.</summary>
    public double Gain { get; set; } = 0.005;

    /// <summary>Gets or sets how many requests are watched before the threshold is set; until then it is that of the options. The default is 50.</summary>
    public int MinimumRequests { get; set; } = 50;

    internal AdaptiveThresholdOptions With(Func<decimal> spent)
    {
        var copy = (AdaptiveThresholdOptions)MemberwiseClone();
        copy.Spent = spent;
        return copy;
    }

    /// <summary>Gives what is wrong with these options, each sentence saying what to change.</summary>
    internal IEnumerable<string> FindErrors()
    {
        if (StrongShare is null && MonthlyBudget is null)
        {
            yield return "AdaptiveThreshold has neither a StrongShare nor a MonthlyBudget: set one, or both.";
        }

        if (StrongShare is not (null or (>= 0 and <= 1)))
        {
            yield return $"AdaptiveThreshold.StrongShare is {StrongShare}, but a share lies in [0, 1]; 30% is 0.3.";
        }

        if (MonthlyBudget <= 0)
        {
            yield return $"AdaptiveThreshold.MonthlyBudget is {MonthlyBudget}, but USD above 0 are expected.";
        }

        if (Memory < 10)
        {
            yield return $"AdaptiveThreshold.Memory is {Memory}, but at least 10 requests are needed.";
        }

        if (Gain is not (> 0 and <= 0.05))
        {
            yield return $"AdaptiveThreshold.Gain is {Gain}, but a number in (0, 0.05] is expected.";
        }

        if (MinimumRequests < 0)
        {
            yield return $"AdaptiveThreshold.MinimumRequests is {MinimumRequests}, but a number of requests is at least 0.";
        }
    }
}
