using System.Buffers.Binary;
using System.Text;

namespace RouteLLM.Tests.Artifacts;

/// <summary>Makes safetensors files by hand, sound or not.</summary>
internal static class SafetensorsBytes
{
    /// <summary>Puts a file together: the header's length, the header, then so many zero bytes.</summary>
    public static byte[] Make(string header, int dataLength = 0) => Make(Encoding.UTF8.GetBytes(header), new byte[dataLength]);

    public static byte[] Make(byte[] header, byte[] data, ulong? claimedLength = null)
    {
        byte[] file = new byte[8 + header.Length + data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(file, claimedLength ?? (ulong)header.Length);
        header.CopyTo(file, 8);
        data.CopyTo(file, 8 + header.Length);
        return file;
    }

    /// <summary>A small file with every type, a scalar, an empty tensor, metadata, and names that need escaping.</summary>
    public static byte[] Rich()
    {
        SafetensorsWriter writer = new() { Metadata = { ["kind"] = "test", ["empty"] = "", ["esc\"aped\n"] = "\\ é 🙂" } };
        foreach (SafetensorsType type in Enum.GetValues<SafetensorsType>())
        {
            int size = type <= SafetensorsType.I8 ? 1 : type <= SafetensorsType.BF16 ? 2 : type <= SafetensorsType.F32 ? 4 : 8;
            writer.Add($"all.{type}", type, [2, 3], new byte[6 * size]);
        }

        writer.Add("scalar", [], [1.5f]);
        writer.Add("empty", [3, 0], ReadOnlySpan<float>.Empty);
        writer.Add("na\"me\\\t é 🙂", [1], [Half.One]);
        return writer.ToArray();
    }
}
