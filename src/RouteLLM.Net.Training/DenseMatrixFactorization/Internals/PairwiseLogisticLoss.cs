namespace RouteLLM.Training;

/// <summary>The negative log likelihood of a comparison by Rao and Kupper's model of ties (1967), which without a margin is Bradley and Terry's.</summary>
/// <remarks>
/// With d the difference of strengths and eta the margin, the first wins with s(d - eta) and the second with s(-d - eta), s being the logistic function; a tie is what they leave, (e^(2 eta) - 1) s(d - eta) s(-d - eta).
/// </remarks>
internal static class PairwiseLogisticLoss
{
    /// <summary>Gives the loss and its derivatives by d and by eta, in nats, times the weight.</summary>
    /// <param name="comparison">The comparison; its probabilities leave nothing for a tie where <paramref name="margin"/> is 0.</param>
    /// <param name="difference">d, the difference of strengths.</param>
    /// <param name="margin">eta, at least 0.</param>
    public static (double Loss, double ByDifference, double ByMargin) Evaluate(in Comparison comparison, double difference, double margin)
    {
        double win = MatrixFactorizationPair.Sigmoid(difference - margin);
        if (double.IsNaN(comparison.SecondWins))
        {
            double p = comparison.FirstWins;
            return (comparison.Weight * ((p * Softplus(margin - difference)) + ((1 - p) * Softplus(difference - margin))), comparison.Weight * (win - p), comparison.Weight * (p - win));
        }

        // A tie is a product of both sides' factors, so each side's counts for it as well.
        double defeat = MatrixFactorizationPair.Sigmoid(-difference - margin);
        double tie = margin > 0 ? Math.Max(0, 1 - comparison.FirstWins - comparison.SecondWins) : 0;
        double winOrTie = comparison.FirstWins + tie, defeatOrTie = comparison.SecondWins + tie;
        double loss = (winOrTie * Softplus(margin - difference)) + (defeatOrTie * Softplus(margin + difference));
        double byDifference = (defeatOrTie * (1 - defeat)) - (winOrTie * (1 - win));
        double byMargin = (winOrTie * (1 - win)) + (defeatOrTie * (1 - defeat));
        if (tie > 0)
        {
            loss -= tie * Math.Log(Math.Exp(2 * margin) - 1);
            byMargin -= tie * 2 / (1 - Math.Exp(-2 * margin));
        }

        return (comparison.Weight * loss, comparison.Weight * byDifference, comparison.Weight * byMargin);
    }

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
