namespace RouteLLM.Internals;

/// <summary>Maps keys to numbers in [0, 1) that are the same in every process and version, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class StableHash
{
    /// <summary>Gives the number of a key: FNV-1a over the UTF-16 units of a salt and the key, 64 bits (Fowler, Noll and Vo), finished as in MurmurHash3 (Appleby) so that all bits depend on all.</summary>
    public static double ToUnit(string salt, string key)
    {
        ulong hash = Add(Add(14695981039346656037, salt) * 1099511628211, key);
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        hash ^= hash >> 33;
        return (hash >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (char unit in text)
        {
            hash = (hash ^ unit) * 1099511628211;
        }

        return hash;
    }
}
