using System.Buffers;

namespace RouteLLM;

/// <summary>An array of the shared pool, given back at the end of its scope.</summary>
internal readonly ref struct PooledArray<T>(int length)
{
    /// <summary>Gets the array, of at least the length asked for.</summary>
    public T[] Array { get; } = ArrayPool<T>.Shared.Rent(length);

    /// <summary>Gets the array's first elements, as many as were asked for.</summary>
    public Span<T> Span => Array.AsSpan(0, length);

    /// <summary>Gives the array back.</summary>
    public void Dispose() => ArrayPool<T>.Shared.Return(Array);
}
