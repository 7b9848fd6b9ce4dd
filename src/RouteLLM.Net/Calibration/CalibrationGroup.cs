namespace RouteLLM;

/// <summary>The threshold of one group of requests: those of a tenant, a language or a domain.</summary>
/// <param name="Rows">How many rows of the data belong to the group.</param>
/// <param name="OwnThreshold">The threshold that the group's rows alone lead to.</param>
/// <param name="OwnWeight">How much the group's own rows count against those of all, in [0, 1]: little where they are few.</param>
/// <param name="Point">The threshold that is used, and what it does to the group.</param>
public sealed record CalibrationGroup(int Rows, double OwnThreshold, double OwnWeight, CalibrationPoint Point)
{
    /// <summary>
    /// Gets a value indicating whether the quality that was asked for is promised for this group by itself; if not, its own rows are too few, and the promise is about all requests under the common threshold.
    /// <see langword="null"/> if no quality was asked for.
    /// </summary>
    public bool? IsPromised { get; init; }
}
