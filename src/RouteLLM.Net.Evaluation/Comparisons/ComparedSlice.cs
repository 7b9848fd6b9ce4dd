namespace RouteLLM.Evaluation;

/// <summary>The differences between two routers on some of the rows.</summary>
public sealed class ComparedSlice
{
    internal ComparedSlice(string name, int rows, IReadOnlyDictionary<RouterMetric, PairedDifference> differences)
    {
        Name = name;
        Rows = rows;
        Differences = differences;
    }

    /// <summary>Gets the slice's name.</summary>
    public string Name { get; }

    /// <summary>Gets how many scored rows there are.</summary>
    public int Rows { get; }

    /// <summary>Gets both values, their difference, its interval and its p-value for every metric.</summary>
    public IReadOnlyDictionary<RouterMetric, PairedDifference> Differences { get; }

    /// <summary>Gets the difference in average performance gap recovered.</summary>
    public PairedDifference Apgr => Differences[RouterMetric.Apgr];
}
