using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RouteLLM.Training;

/// <summary>Deals rows to the parts that cross-validation holds out in turn, all rows of a group to the same one.</summary>
internal static class GroupFolds
{
    /// <summary>Deals rows to folds, in an order that depends on the groups' names and the seed alone.</summary>
    /// <param name="groups">The group of each row.</param>
    /// <param name="folds">The number of folds.</param>
    /// <param name="seed">The seed.</param>
    /// <returns>The fold of each row.</returns>
    /// <exception cref="ArgumentException">There are fewer groups than folds.</exception>
    public static int[] Deal(IReadOnlyList<string> groups, int folds, int seed)
    {
        string[] distinct = [.. groups.Distinct(StringComparer.Ordinal).OrderBy(group => Hash(group, seed)).ThenBy(static group => group, StringComparer.Ordinal)];
        if (distinct.Length < folds)
        {
            throw new ArgumentException(
                $"The {groups.Count} rows are of {distinct.Length} groups (prompts, unless they name a group), which is too few to hold out {folds} parts in turn. Label more prompts, or ask for fewer folds.");
        }

        Dictionary<string, int> foldOf = distinct.Index().ToDictionary(static pair => pair.Item, pair => pair.Index % folds, StringComparer.Ordinal);
        return [.. groups.Select(group => foldOf[group])];
    }

    private static ulong Hash(string group, int seed)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt32LittleEndian(digest, seed);
        hash.AppendData(digest[..sizeof(int)]);
        hash.AppendData(MemoryMarshal.AsBytes(group.AsSpan()));
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64LittleEndian(digest);
    }
}
