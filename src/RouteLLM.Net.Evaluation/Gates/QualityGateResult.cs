namespace RouteLLM.Evaluation;

/// <summary>What a gate found.</summary>
public sealed class QualityGateResult
{
    internal QualityGateResult(string router, IReadOnlyList<QualityGateCheck> checks, IReadOnlyList<string> notes) => (Router, Checks, Notes) = (router, checks, notes);

    /// <summary>Gets the router's name.</summary>
    public string Router { get; }

    /// <summary>Gets everything that was looked at: the requirements in their order, then what is compared with the baseline.</summary>
    public IReadOnlyList<QualityGateCheck> Checks { get; }

    /// <summary>Gets what should be known when reading the result, in sentences; most often nothing.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Gets a value indicating whether every check passed.</summary>
    public bool Passed => Checks.All(static check => check.Passed);

    /// <summary>Gets the checks that did not pass.</summary>
    public IEnumerable<QualityGateCheck> Failures => Checks.Where(static check => !check.Passed);

    /// <summary>Ends a test if a check did not pass.</summary>
    /// <exception cref="QualityGateException">A check did not pass; the message lists all that did not.</exception>
    public void ThrowIfFailed()
    {
        if (!Passed)
        {
            throw new QualityGateException(this);
        }
    }
}
