namespace RouteLLM.Evaluation;

/// <summary>A router does not keep what a <see cref="RoutingQualityGate"/> requires. Test frameworks take it, as any exception, for a failed assertion.</summary>
public sealed class QualityGateException : Exception
{
    internal QualityGateException(QualityGateResult result)
        : base(string.Join(Environment.NewLine, result.Failures.Select(static check => $"  {check.Message}").Prepend($"The router \"{result.Router}\" does not pass the quality gate:").Concat(result.Notes.Select(static note => $"  Note: {note}"))))
        => Result = result;

    /// <summary>Gets what the gate found.</summary>
    public QualityGateResult Result { get; }
}
