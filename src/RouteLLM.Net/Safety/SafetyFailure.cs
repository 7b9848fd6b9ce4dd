namespace RouteLLM;

/// <summary>What happens to a request that a classifier failed on or did not finish with in time.</summary>
public enum SafetyFailure
{
    /// <summary>It is refused.</summary>
    Refuse,

    /// <summary>It is treated as if the classifier had found nothing, and the decision says so.</summary>
    Allow,
}
