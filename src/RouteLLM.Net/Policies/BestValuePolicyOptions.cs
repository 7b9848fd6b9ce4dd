namespace RouteLLM;

/// <summary>Options of a <see cref="BestValuePolicy"/>.</summary>
public class BestValuePolicyOptions : QualityPolicyOptions
{
    /// <summary>Gets or sets lambda, the quality that a US dollar is worth, at least 0. The default is 10: .1 of quality may cost a cent more, per request.</summary>
    public double QualityPerDollar { get; set; } = 10;

    internal override IEnumerable<string> FindErrors()
    {
        foreach (string error in base.FindErrors())
        {
            yield return error;
        }

        if (!double.IsFinite(QualityPerDollar) || QualityPerDollar < 0)
        {
            yield return $"QualityPerDollar is {QualityPerDollar}, but it is a finite number, at least 0.";
        }
    }
}
