namespace RouteLLM.Training.Tests.Collection;

/// <summary>Keeps all reports of progress, as they come.</summary>
internal sealed class Reports : IProgress<CollectionProgress>
{
    public List<CollectionProgress> All { get; } = [];

    public CollectionProgress Last => All[^1];

    // A collector reports one at a time.
    public void Report(CollectionProgress value) => All.Add(value);
}
