namespace RouteLLM;

/// <summary>Options of a <see cref="CheapestAbovePolicy"/>.</summary>
public class CheapestAbovePolicyOptions : QualityPolicyOptions
{
    /// <summary>Gets or sets the quality to reach, in [0, 1]. The default is .7.</summary>
    public double MinQuality { get; set; } = 0.7;

    internal override IEnumerable<string> FindErrors()
    {
        foreach (string error in base.FindErrors())
        {
            yield return error;
        }

        if (MinQuality is not (>= 0 and <= 1))
        {
            yield return $"MinQuality is {MinQuality}, but a quality lies in [0, 1].";
        }
    }
}
