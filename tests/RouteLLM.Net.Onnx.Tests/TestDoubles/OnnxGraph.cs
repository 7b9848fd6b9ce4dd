using System.Runtime.InteropServices;

namespace RouteLLM.Onnx.Tests;

/// <summary>Builds small ONNX models by hand (onnx.proto, opset 17), so that tests have models that compute what they can check, or that are wrong in a certain way.</summary>
internal sealed class OnnxGraph
{
    public const int Float = 1;
    public const int Int32 = 6;
    public const int Int64 = 7;
    public const int Half = 10;

    private readonly ProtobufWriter _graph = new();
    private readonly List<(string Name, byte[] Bytes)> _external = [];
    private int _constants;

    /// <summary>Adds ids and mask of the given type and shape, a size below 1 being one that varies, and gives the ids that are no padding, as <c>tokens</c> in 32-bit floating point.</summary>
    public static OnnxGraph OverTokens(int type = Int64, int rows = 0, int sequence = 0) => new OnnxGraph()
        .Input("input_ids", type, rows, sequence)
        .Input("attention_mask", type, rows, sequence)
        .Node("Mul", ["input_ids", "attention_mask"], "real")
        .Node("Cast", ["real"], "tokens", ("to", Float));

    /// <summary>A classifier with one logit: the sum of the ids of all tokens, times a factor.</summary>
    public static OnnxGraph SumOfIds(float factor, string output = "logits", int type = Int64, int rows = 0, int sequence = 0)
    {
        OnnxGraph graph = OverTokens(type, rows, sequence);
        return graph
            .Node("ReduceSum", ["tokens", graph.Constant(1L)], "sum", ("keepdims", 1))
            .Node("Mul", ["sum", graph.Constant(factor)], output)
            .Output(output, Float, rows, 1);
    }

    /// <summary>An encoder with two hidden numbers a token: its id, and its id with the sign changed.</summary>
    public static OnnxGraph IdsAsStates(string output = "last_hidden_state")
    {
        OnnxGraph graph = OverTokens();
        return graph
            .Node("Unsqueeze", ["tokens", graph.Constant(2L)], "state")
            .Node("Neg", ["state"], "negative")
            .Node("Concat", ["state", "negative"], output, ("axis", 2))
            .Output(output, Float, 0, 0, 2);
    }

    public OnnxGraph Input(string name, int type, params int[] shape)
    {
        _graph.Message(11, Value(name, type, shape));
        return this;
    }

    public OnnxGraph Output(string name, int type, params int[] shape)
    {
        _graph.Message(12, Value(name, type, shape));
        return this;
    }

    public OnnxGraph Node(string operation, string[] inputs, string output, params (string Name, long Value)[] attributes)
    {
        var node = new ProtobufWriter();
        foreach (string input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(4, operation);
        foreach ((string name, long value) in attributes)
        {
            node.Message(5, new ProtobufWriter().Text(1, name).Number(3, value).Number(20, 2));
        }

        _graph.Message(1, node);
        return this;
    }

    public string Constant(params float[] values) => Constant(Float, values.Length, MemoryMarshal.AsBytes<float>(values));

    public string Constant(params long[] values) => Constant(Int64, values.Length, MemoryMarshal.AsBytes<long>(values));

    /// <summary>Adds a constant whose numbers are in a file beside the model.</summary>
    public string ExternalConstant(string file, params float[] values)
    {
        string name = NextName();
        _external.Add((file, MemoryMarshal.AsBytes<float>(values).ToArray()));
        _graph.Message(5, new ProtobufWriter().Number(1, values.Length).Number(2, Float).Text(8, name)
            .Message(13, new ProtobufWriter().Text(1, "location").Text(2, file))
            .Number(14, 1));
        return name;
    }

    public byte[] ToArray() => new ProtobufWriter()
        .Number(1, 8)
        .Message(7, new ProtobufWriter().Bytes(2, "test"u8).Append(_graph))
        .Message(8, new ProtobufWriter().Text(1, "").Number(2, 17))
        .ToArray();

    public void Save(string folder)
    {
        File.WriteAllBytes(Path.Combine(folder, "model.onnx"), ToArray());
        foreach ((string name, byte[] bytes) in _external)
        {
            File.WriteAllBytes(Path.Combine(folder, name), bytes);
        }
    }

    private static ProtobufWriter Value(string name, int type, int[] shape)
    {
        var dimensions = new ProtobufWriter();
        for (int i = 0; i < shape.Length; i++)
        {
            dimensions.Message(1, shape[i] > 0 ? new ProtobufWriter().Number(1, shape[i]) : new ProtobufWriter().Text(2, i == 0 ? "batch" : "sequence"));
        }

        return new ProtobufWriter().Text(1, name).Message(2, new ProtobufWriter().Message(1, new ProtobufWriter().Number(1, type).Message(2, dimensions)));
    }

    private string Constant(int type, int length, ReadOnlySpan<byte> bytes)
    {
        string name = NextName();
        _graph.Message(5, new ProtobufWriter().Number(1, length).Number(2, type).Text(8, name).Bytes(9, bytes));
        return name;
    }

    private string NextName() => FormattableString.Invariant($"constant{_constants++}");
}
