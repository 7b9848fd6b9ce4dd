namespace RouteLLM.Training;

/// <summary>What a router says of each row, in terms that the adapted logit is linear in.</summary>
/// <param name="values">The signals, <c>[rows, signals]</c>.</param>
/// <param name="prior">The coefficients with which the signals add up to the router's own logit.</param>
/// <param name="penalties">How strongly each coefficient is drawn to it: the inverse of the variance expected of it.</param>
internal sealed class RouterSignals(double[] values, double[] prior, double[] penalties)
{
    public double[] Prior => prior;

    public double[] Penalties => penalties;

    /// <summary>Takes the logit and a constant: a scale, expected to be 1 give or take a half, and an offset of 0 give or take 1.</summary>
    public static RouterSignals FromLogits(IReadOnlyList<double> logits) => new([.. logits.SelectMany(static logit => new[] { logit, 1 })], [1, 0], [4, 1]);

    public ReadOnlySpan<double> Of(int row) => values.AsSpan(row * prior.Length, prior.Length);
}
