using CsCheck;

namespace RouteLLM.Tests.Artifacts;

public class SafetensorsRoundTripTests
{
    // Letters, and what JSON, HTML and UTF-8 treat specially.
    private static readonly Gen<string> s_text = Gen.OneOf(
        "a", "B", "0", ".", "_", "/", "\\", "\"", "'", "<", "&", "+", " ", "\0", "\n", "\u007F", "\u2028", "é", "中", "🙂", "\uFFFF", "__metadata__").List[0, 6].Select(string.Concat);

    private static readonly Gen<(string Name, SafetensorsType Type, long[] Shape, byte[] Data)> s_tensor =
        from name in s_text.Where(static name => name != "__metadata__")
        from type in Gen.Enum<SafetensorsType>()
        from shape in Gen.Long[0, 4].Array[0, 4]
        from data in Gen.Byte.Array[(int)shape.Aggregate((long)SizeOf(type), static (product, dimension) => product * dimension)]
        select (name, type, shape, data);

    [Fact]
    public void Whatever_is_written_is_read_back() =>
        Gen.Select(s_tensor.List[0, 6], Gen.Dictionary(s_text, s_text)[0, 4]).Sample(static (tensors, metadata) =>
        {
            tensors = [.. tensors.DistinctBy(static tensor => tensor.Name)];
            SafetensorsWriter writer = new();
            tensors.ForEach(tensor => writer.Add(tensor.Name, tensor.Type, tensor.Shape, tensor.Data));
            foreach ((string key, string value) in metadata)
            {
                writer.Metadata.Add(key, value);
            }

            byte[] bytes = writer.ToArray();
            SafetensorsFile file = SafetensorsFile.Parse(bytes);

            Assert.Equal(metadata, file.Metadata.ToDictionary());
            Assert.Equal(tensors.Count, file.Tensors.Count);
            Assert.Equal(0, BitConverter.ToInt64(bytes) % 8);
            long position = 0;
            foreach (SafetensorsTensor read in file.Tensors.Values)
            {
                (_, SafetensorsType type, long[] shape, byte[] data) = tensors.Single(tensor => tensor.Name == read.Name);
                Assert.Equal(type, read.DType);
                Assert.Equal(shape, read.Shape);
                Assert.Equal(data, read.Data.ToArray());

                // Every tensor is aligned to its elements.
                Assert.Equal(0, position % SizeOf(type));
                position += data.Length;
            }
        });

    private static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.Bool or SafetensorsType.U8 or SafetensorsType.I8 => 1,
        SafetensorsType.I16 or SafetensorsType.U16 or SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.U32 or SafetensorsType.F32 => 4,
        _ => 8,
    };
}
