namespace RouteLLM;

/// <summary>The type of a tensor's elements in a safetensors file; all are little-endian.</summary>
/// <remarks>The order is the reference implementation's, from the least alignment to the greatest; writers lay tensors out by it.</remarks>
public enum SafetensorsType
{
    /// <summary>A truth value in one byte, 0 or 1 (<c>BOOL</c>).</summary>
    Bool,

    /// <summary>An unsigned byte (<c>U8</c>).</summary>
    U8,

    /// <summary>A signed byte (<c>I8</c>).</summary>
    I8,

    /// <summary>A signed 16-bit integer (<c>I16</c>).</summary>
    I16,

    /// <summary>An unsigned 16-bit integer (<c>U16</c>).</summary>
    U16,

    /// <summary>An IEEE 754 half, <see cref="Half"/> (<c>F16</c>).</summary>
    F16,

    /// <summary>A bfloat16, the upper half of a <see cref="float"/> (<c>BF16</c>).</summary>
    BF16,

    /// <summary>A signed 32-bit integer (<c>I32</c>).</summary>
    I32,

    /// <summary>An unsigned 32-bit integer (<c>U32</c>).</summary>
    U32,

    /// <summary>A <see cref="float"/> (<c>F32</c>).</summary>
    F32,

    /// <summary>A <see cref="double"/> (<c>F64</c>).</summary>
    F64,

    /// <summary>A signed 64-bit integer (<c>I64</c>).</summary>
    I64,

    /// <summary>An unsigned 64-bit integer (<c>U64</c>).</summary>
    U64,
}
