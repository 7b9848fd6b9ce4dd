using System.Runtime.InteropServices;

namespace RouteLLM.Tests.Artifacts;

public class SafetensorsFileTests
{
    [Fact]
    public void Floating_point_of_every_width_is_read_as_floats()
    {
        SafetensorsWriter writer = new();
        writer.Add("f32", [2, 2], [1f, -2f, float.MaxValue, float.Epsilon]);
        writer.Add("f16", [3], [(Half)0.5, Half.MaxValue, Half.Epsilon]);
        writer.Add("bf16", SafetensorsType.BF16, [2], MemoryMarshal.AsBytes<ushort>([0x3FC0, 0xC2F7]));
        writer.Add("f64", SafetensorsType.F64, [2], MemoryMarshal.AsBytes<double>([0.1, -1e30]));
        SafetensorsFile file = SafetensorsFile.Parse(writer.ToArray());

        Assert.Equal([1f, -2f, float.MaxValue, float.Epsilon], file.ReadSingles("f32", 2, 2));
        Assert.Equal([0.5f, 65504f, 5.9604645E-08f], file.ReadSingles("f16", 3));
        Assert.Equal([1.5f, -123.5f], file.ReadSingles("bf16", -1));
        Assert.Equal([0.1f, -1e30f], file.ReadSingles("f64"));
    }

    [Fact]
    public void Scalars_and_empty_tensors_are_fine()
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Rich());

        Assert.Equal([1.5f], file.ReadSingles("scalar"));
        Assert.Empty(file.GetTensor("scalar").Shape);
        Assert.Equal(1, file.GetTensor("scalar").Count);
        Assert.Empty(file.ReadSingles("empty", 3, 0));
        Assert.Equal(0, file.GetTensor("empty").Count);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{}      ")]
    [InlineData("{\"__metadata__\":{}}")]
    public void A_file_may_have_no_tensors(string header)
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Make(header));

        Assert.Empty(file.Tensors);
        Assert.Empty(file.Metadata);
        Assert.Contains("the file has no tensors", Assert.Throws<InvalidArtifactException>(() => file.GetTensor("w")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Header_order_is_free_and_tensors_come_in_the_order_of_their_data()
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Make(
            """{"b":{"data_offsets":[4,5],"dtype":"U8","shape":[]},"a":{"shape":[1],"dtype":"F32","data_offsets":[0,4]},"__metadata__":{"k":"v"},"z":{"dtype":"I64","shape":[0],"data_offsets":[0,0]}}""", 5));

        Assert.Equal(["z", "a", "b"], file.Tensors.Keys);
        Assert.Equal("v", file.Metadata["k"]);
    }

    [Fact]
    public void Tensors_are_views_of_the_bytes_they_were_parsed_from()
    {
        SafetensorsWriter writer = new();
        writer.Add("w", [2], [1f, 2f]);
        byte[] bytes = writer.ToArray();
        SafetensorsTensor tensor = SafetensorsFile.Parse(bytes).GetTensor("w");

        bytes[^1] = 0xC0;

        Assert.Equal(-2f, tensor.AsSpan<float>()[1]);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public void Weights_that_are_not_finite_are_refused_by_tensor_and_index(float value, string text)
    {
        SafetensorsWriter writer = new();
        writer.Add("f32", [3], [1f, 2f, value]);
        writer.Add("f16", [3], [Half.One, (Half)value, Half.One]);
        writer.Add("bf16", SafetensorsType.BF16, [1], MemoryMarshal.AsBytes<ushort>([(ushort)(BitConverter.SingleToUInt32Bits(value) >> 16)]));
        writer.Add("f64", SafetensorsType.F64, [2], MemoryMarshal.AsBytes<double>([value, 0]));
        SafetensorsFile file = SafetensorsFile.Parse(writer.ToArray(), "x.safetensors");

        Assert.All([("f32", 2), ("f16", 1), ("bf16", 0), ("f64", 0)], ((string Name, int Index) bad) =>
        {
            InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => file.ReadSingles(bad.Name));
            Assert.Contains($"'x.safetensors', tensor '{bad.Name}',", e.Message, StringComparison.Ordinal);
            Assert.Contains($"element {bad.Index} is {text};", e.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_double_too_large_for_a_float_is_refused()
    {
        SafetensorsWriter writer = new();
        writer.Add("w", SafetensorsType.F64, [2], MemoryMarshal.AsBytes<double>([0, 1e39]));

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(writer.ToArray()).ReadSingles("w"));

        Assert.Contains("element 1 is too large for a 32-bit float", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Integers_are_not_read_as_floats()
    {
        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(SafetensorsBytes.Rich()).ReadSingles("all.I8"));

        Assert.Contains("elements are I8, and floating point was expected", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_tensor_is_reported_with_what_there_is()
    {
        SafetensorsWriter writer = new();
        writer.Add("weight", [1, 2], [1f, 2f]);
        writer.Add("bias", [1], [(sbyte)1]);

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(writer.ToArray(), "x.safetensors").GetTensor("Weight"));

        Assert.Equal("Weight", e.TensorName);
        Assert.Contains("tensor 'Weight', cannot be used: there is no such tensor; the file has 'weight' F32 [1, 2], 'bias' I8 [1].", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_list_of_tensors_is_cut_short()
    {
        SafetensorsWriter writer = new();
        for (int i = 0; i < 1000; i++)
        {
            writer.Add($"t{i}", [0], ReadOnlySpan<float>.Empty);
        }

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => SafetensorsFile.Parse(writer.ToArray()).GetTensor("w"));

        Assert.Contains(" and 980 more.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new long[] { 3, 2 }, "[3, 2]")]
    [InlineData(new long[] { 2 }, "[2]")]
    [InlineData(new long[] { -1, -1, -1 }, "[*, *, *]")]
    [InlineData(new long[] { -1, 2 }, "[*, 2]")]
    public void Another_shape_than_expected_is_refused(long[] expected, string text)
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Rich());

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => file.ReadSingles("all.F32", expected));

        Assert.Contains($"tensor 'all.F32', cannot be used: its shape is [2, 3], and {text} was expected.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_type_than_expected_is_refused()
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Rich());

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => file.GetTensor("all.F16", SafetensorsType.I8, 2, 3));

        Assert.Contains("its elements are F16, and I8 was expected", e.Message, StringComparison.Ordinal);
        Assert.Equal(SafetensorsType.I8, file.GetTensor("all.I8", SafetensorsType.I8, 2, 3).DType);
    }

    [Fact]
    public void A_view_of_another_size_is_refused()
    {
        SafetensorsTensor tensor = SafetensorsFile.Parse(SafetensorsBytes.Rich()).GetTensor("all.BF16");

        InvalidArtifactException e = Assert.Throws<InvalidArtifactException>(() => tensor.AsSpan<float>().Length);

        Assert.Contains("elements are BF16 of 2 bytes and were read as Single of 4", e.Message, StringComparison.Ordinal);
        Assert.Equal(6, tensor.AsSpan<ushort>().Length);
    }

    [Fact]
    public void Truth_values_other_than_0_and_1_are_refused()
    {
        SafetensorsWriter writer = new();
        writer.Add("sound", SafetensorsType.Bool, [2], [0, 1]);
        writer.Add("unsound", SafetensorsType.Bool, [3], [0, 1, 2]);
        SafetensorsFile file = SafetensorsFile.Parse(writer.ToArray());

        Assert.Equal([false, true], file.GetTensor("sound").AsSpan<bool>());
        Assert.Contains(
            "element 2 is 2, and 0 or 1 was expected",
            Assert.Throws<InvalidArtifactException>(() => file.GetTensor("unsound").AsSpan<bool>().Length).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Collections_cannot_be_changed_by_a_cast()
    {
        SafetensorsFile file = SafetensorsFile.Parse(SafetensorsBytes.Rich());

        Assert.Throws<NotSupportedException>(() => ((IDictionary<string, string>)file.Metadata).Clear());
        Assert.Throws<NotSupportedException>(() => ((IDictionary<string, SafetensorsTensor>)file.Tensors).Clear());
        Assert.Throws<NotSupportedException>(() => ((IList<long>)file.GetTensor("all.F32").Shape)[0] = 7);
    }

    [Fact]
    public void Loading_what_is_not_there_says_so() => Assert.Throws<FileNotFoundException>(() => SafetensorsFile.Load(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))));
}
