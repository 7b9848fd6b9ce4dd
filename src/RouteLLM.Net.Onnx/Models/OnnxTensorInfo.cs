using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace RouteLLM.Onnx;

/// <summary>An input or output of a model.</summary>
public sealed class OnnxTensorInfo
{
    internal OnnxTensorInfo(string name, NodeMetadata metadata)
    {
        Name = name;
        bool isTensor = metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR;
        ElementType = isTensor ? metadata.ElementDataType : TensorElementType.DataTypeMax;
        Shape = isTensor ? metadata.Dimensions : [];
        Description = isTensor ? $"'{name}' {ElementType} [{string.Join(", ", Shape.Select((size, i) => Describe(size, metadata.SymbolicDimensions, i)))}]" : $"'{name}' {metadata.OnnxValueType}";
    }

    /// <summary>Gets the name.</summary>
    public string Name { get; }

    /// <summary>Gets the type of the elements; <see cref="TensorElementType.DataTypeMax"/> for what is no tensor.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>Gets the sizes of the dimensions; -1 for those that vary.</summary>
    public IReadOnlyList<int> Shape { get; }

    internal string Description { get; }

    /// <inheritdoc/>
    public override string ToString() => Description;

    private static string Describe(int size, string[] symbols, int index) =>
        size >= 0 ? FormattableString.Invariant($"{size}")
        : index < symbols.Length && symbols[index].Length > 0 ? symbols[index]
        : "?";
}
