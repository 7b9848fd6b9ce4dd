using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RouteLLM.Internals;

/// <summary>Maps keys to numbers in [0, 1) that are the same in every process, on every machine and in every version, unlike <see cref="string.GetHashCode()"/>: XXH64 (Collet, "xxHash fast digest algorithm", specification 0.1.1).</summary>
internal static class StableHash
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>Gives the number of a key, other for every salt.</summary>
    public static double ToUnit(string salt, string key) => (Compute(key, Compute(salt, 0)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Hashes bytes.</summary>
    public static ulong Compute(ReadOnlySpan<byte> data, ulong seed)
    {
        ulong hash = seed + Prime5, length = (ulong)data.Length;
        if (data.Length >= 32)
        {
            ulong a = seed + Prime1 + Prime2, b = seed + Prime2, c = seed, d = seed - Prime1;
            for (; data.Length >= 32; data = data[32..])
            {
                a = Round(a, Word(data));
                b = Round(b, Word(data[8..]));
                c = Round(c, Word(data[16..]));
                d = Round(d, Word(data[24..]));
            }

            hash = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18);
            hash = Merge(Merge(Merge(Merge(hash, a), b), c), d);
        }

        hash += length;
        for (; data.Length >= 8; data = data[8..])
        {
            hash = (BitOperations.RotateLeft(hash ^ Round(0, Word(data)), 27) * Prime1) + Prime4;
        }

        if (data.Length >= 4)
        {
            hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(data) * Prime1), 23) * Prime2) + Prime3;
            data = data[4..];
        }

        foreach (byte rest in data)
        {
            hash = BitOperations.RotateLeft(hash ^ (rest * Prime5), 11) * Prime1;
        }

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    // UTF-16 in little-endian order, whatever the machine's.
    private static ulong Compute(string text, ulong seed)
    {
        if (BitConverter.IsLittleEndian)
        {
            return Compute(MemoryMarshal.AsBytes(text.AsSpan()), seed);
        }

        return Compute(System.Text.Encoding.Unicode.GetBytes(text), seed);
    }

    private static ulong Word(ReadOnlySpan<byte> data) => BinaryPrimitives.ReadUInt64LittleEndian(data);

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * Prime2), 31) * Prime1;

    private static ulong Merge(ulong hash, ulong lane) => ((hash ^ Round(0, lane)) * Prime1) + Prime4;
}
