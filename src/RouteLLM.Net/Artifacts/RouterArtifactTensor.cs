namespace RouteLLM;

/// <summary>A tensor that an artifact holds.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="DType">The type of the elements.</param>
/// <param name="Shape">The dimensions, slowest first; empty for a scalar.</param>
public sealed record RouterArtifactTensor(string Name, SafetensorsType DType, IReadOnlyList<long> Shape)
{
    /// <summary>Gets the number of elements: the product of the dimensions.</summary>
    public long Count => Shape.Aggregate(1L, static (product, dimension) => product * dimension);
}
