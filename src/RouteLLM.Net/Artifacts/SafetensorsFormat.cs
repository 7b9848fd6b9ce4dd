using System.Globalization;

namespace RouteLLM;

/// <summary>What the reader and the writer of safetensors agree on.</summary>
internal static class SafetensorsFormat
{
    /// <summary>The bytes before the header: its length, as an unsigned 64-bit integer.</summary>
    public const int PrefixLength = sizeof(ulong);

    /// <summary>The longest header, in bytes; the reference implementation's limit.</summary>
    public const int MaxHeaderLength = 100_000_000;

    /// <summary>The most dimensions a tensor may have; no framework that writes these files has more.</summary>
    public const int MaxRank = 64;

    /// <summary>The key of the header under which the metadata stands among the tensors.</summary>
    public const string MetadataKey = "__metadata__";

    private static readonly string[] s_names = ["BOOL", "U8", "I8", "I16", "U16", "F16", "BF16", "I32", "U32", "F32", "F64", "I64", "U64"];

    /// <summary>Gets the names of all types as they stand in a header, in the order of <see cref="SafetensorsType"/>.</summary>
    public static IReadOnlyList<string> TypeNames => s_names;

    /// <summary>Gets the type's name as it stands in a header.</summary>
    public static string NameOf(SafetensorsType type) => s_names[(int)type];

    /// <summary>Gets the type of that name in a header, or <see langword="null"/> if there is none.</summary>
    public static SafetensorsType? TypeOf(string name)
    {
        int index = Array.IndexOf(s_names, name);
        return index < 0 ? null : (SafetensorsType)index;
    }

    /// <summary>Gets the bytes one element takes.</summary>
    public static int SizeOf(SafetensorsType type) => type switch
    {
        <= SafetensorsType.I8 => 1,
        <= SafetensorsType.BF16 => 2,
        <= SafetensorsType.F32 => 4,
        _ => 8,
    };

    /// <summary>Multiplies a shape out to bytes.</summary>
    /// <returns>The bytes, or <see langword="null"/> if a dimension is negative or the product does not fit in 63 bits.</returns>
    public static long? ByteLength(SafetensorsType type, ReadOnlySpan<long> shape)
    {
        // UInt128 holds any product of two longs, so one comparison a step sees every overflow.
        UInt128 length = (UInt128)SizeOf(type);
        foreach (long dimension in shape)
        {
            if (dimension < 0)
            {
                return null;
            }

            length *= (UInt128)dimension;
            if (length > long.MaxValue)
            {
                return null;
            }
        }

        return (long)length;
    }

    /// <summary>Writes a shape as a message shows it; negative dimensions, which mean any, as <c>*</c>.</summary>
    public static string Describe(ReadOnlySpan<long> shape)
    {
        string[] dimensions = new string[shape.Length];
        for (int i = 0; i < shape.Length; i++)
        {
            dimensions[i] = shape[i] < 0 ? "*" : shape[i].ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(", ", dimensions)}]";
    }
}
