using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouteLLM.Training;

/// <summary>Deals rows to folds so that those of a group stay together.</summary>
internal static class GroupFolds
{
    /// <summary>Deals the groups in an order that depends on their names and the seed alone, not on the order of the rows.</summary>
    /// <param name="groups">The group of each row.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The fold of each row.</returns>
    public static int[] Assign(IReadOnlyList<string> groups, int folds, int seed)
    {
        Dictionary<string, int> foldOf = groups.Distinct(StringComparer.Ordinal)
            .OrderBy(group => StableHash(group, seed))
            .ThenBy(static group => group, StringComparer.Ordinal)
            .Index()
            .ToDictionary(static pair => pair.Item, pair => pair.Index % folds, StringComparer.Ordinal);
        return [.. groups.Select(group => foldOf[group])];
    }

    private static ulong StableHash(string text, int seed)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(BitConverter.GetBytes(seed));
        sha.AppendData(MemoryMarshal.AsBytes(text.AsSpan()));
        sha.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }
}
