using System.Runtime.CompilerServices;

namespace RouteLLM;

/// <summary>A tensor of a <see cref="MappedSafetensors"/>; read it only while its memory is borrowed.</summary>
internal sealed unsafe class MappedTensor(MappedSafetensors file, SafetensorsEntry entry, long offset)
{
    /// <summary>Gets the type of the elements.</summary>
    public SafetensorsType DType => entry.Type;

    /// <summary>Gets the dimensions.</summary>
    public ReadOnlySpan<long> Shape => entry.Shape;

    /// <summary>Gets where the elements begin.</summary>
    public byte* Pointer => file.Memory.Pointer + offset;

    /// <summary>Views consecutive elements.</summary>
    /// <typeparam name="T">A type of the elements' size.</typeparam>
    /// <param name="first">The first element, counted through all dimensions.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such elements.</exception>
    public ReadOnlySpan<T> Slice<T>(long first, int count)
        where T : unmanaged
    {
        long length = (entry.End - entry.Begin) / Unsafe.SizeOf<T>();
        if (first < 0 || count < 0 || first > length - count)
        {
            throw new ArgumentOutOfRangeException(nameof(first), first, $"Tensor '{entry.Name}' has {length} elements.");
        }

        return new ReadOnlySpan<T>(Pointer + (first * Unsafe.SizeOf<T>()), count);
    }

    /// <summary>Makes the error that the tensor holds what it must not.</summary>
    public InvalidArtifactException Invalid(string problem) => new(problem, file.Name, entry.Name);
}
