namespace RouteLLM;

/// <summary>Turns text of any language into a sparse binary vector by feature hashing, without a vocabulary.</summary>
/// <remarks>
/// <para>
/// Text is read as tokens: a run of letters is one token (katakana are letters), and so is every digit, every punctuation mark or symbol, and every character of a script that is
/// written without spaces (Han, hiragana, Hangul, Thai, Lao, Khmer, Burmese). The features, each in one of three blocks of buckets, are
/// </para>
/// <list type="bullet">
/// <item><b>body</b>: every token but a single hiragana, and every pair of neighbours;</item>
/// <item><b>ends</b>: which tokens are among the first four, the first, the first two together, the last, and the last run of Han characters (Japanese puts its verb at the end), for that is where a prompt says what it wants;</item>
/// <item><b>shape</b>: length, lines, questions, digits, signs of code and formulas, lettered options. These have buckets of their own; the others are hashed
/// (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009).</item>
/// </list>
/// <para>
/// Letters count as lower case by the invariant culture, full-width forms as ASCII, and typographic quotes as plain ones. The result depends on the text alone: not on platform, process or culture.
/// Nothing throws for odd text (empty, unpaired surrogates, control characters), and nothing is allocated but a small buffer once per thread.
/// </para>
/// <para>
/// The work is bounded: of a text longer than <see cref="MaxCharacters"/> only the first <see cref="HeadLength"/> and the last <see cref="TailLength"/>
/// characters are read, so that an instruction before or after a long pasted text is seen.
/// </para>
/// </remarks>
public static class HashedTextFeatures
{
    /// <summary>The number of buckets: features are integers in [0, <see cref="BucketCount"/>).</summary>
    public const int BucketCount = 1 << 19;

    /// <summary>The number of buckets of the block "shape", the first ones.</summary>
    public const int ShapeBuckets = 256;

    /// <summary>The first bucket of the block "subwords"; those before it and after the shape are the block "ends".</summary>
    public const int SubwordStart = 1 << 17;

    /// <summary>The first bucket of the block "body"; those before it are the block "subwords".</summary>
    public const int BodyStart = 1 << 18;

    /// <summary>Gets where each block ends, exclusively: shape, ends, subwords, body.</summary>
    internal static ReadOnlySpan<int> BlockEnds => [ShapeBuckets, SubwordStart, BodyStart, BucketCount];

    /// <summary>How many characters of a word a subword has; the word's beginning and its end count as one each.</summary>
    public const int SubwordLength = 5;

    /// <summary>How many characters at the beginning of a long text are read.</summary>
    public const int HeadLength = 3072;

    /// <summary>How many characters at the end of a long text are read.</summary>
    public const int TailLength = 1024;

    /// <summary>How many characters of a text are read at most.</summary>
    public const int MaxCharacters = HeadLength + TailLength;

    /// <summary>The largest number of features that any text has.</summary>
    public const int MaxFeatures = (2 * MaxCharacters) + 64;

    /// <summary>Names this way of extracting features; it changes whenever any text would get other features.</summary>
    public const string Fingerprint = "hashed-text-2";

    /// <summary>Extracts the features of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="buckets">Receives the features, each once, in no particular but always the same order; at least <see cref="GetMaxFeatures"/> of the text's length long.</param>
    /// <returns>How many features were written.</returns>
    /// <exception cref="ArgumentException"><paramref name="buckets"/> is too short.</exception>
    public static int Extract(ReadOnlySpan<char> text, Span<int> buckets)
    {
        if (buckets.Length < GetMaxFeatures(text.Length))
        {
            throw new ArgumentException($"The buffer holds {buckets.Length} features; a text of {text.Length} characters can have {GetMaxFeatures(text.Length)}.", nameof(buckets));
        }

        return Read(text, new HashedFeatureWriter(buckets));
    }

    /// <summary>Gives the largest number of features that a text of a given length has.</summary>
    /// <param name="textLength">The text's length in characters.</param>
    /// <returns>The number, at most <see cref="MaxFeatures"/>.</returns>
    public static int GetMaxFeatures(int textLength) => (2 * Math.Min(textLength, MaxCharacters)) + 64;

    /// <summary>Hands the features of a text to a sink.</summary>
    /// <returns>What the sink says on completion.</returns>
    internal static int Read<TSink>(ReadOnlySpan<char> text, TSink sink)
        where TSink : IHashedFeatureSink, allows ref struct
    {
        ReadOnlySpan<char> fromStart = text.TrimStart();
        int offset = text.Length - fromStart.Length;
        text = fromStart.TrimEnd();
        var reader = new HashedTextReader<TSink>(sink);
        if (text.Length <= MaxCharacters)
        {
            reader.Read(text, offset);
        }
        else
        {
            reader.Read(text[..HeadLength], offset);
            reader.Skip();
            reader.Read(text[^TailLength..], offset + text.Length - TailLength);
        }

        return reader.Complete(text.Length);
    }

    /// <summary>Gives the number of the block that a bucket belongs to, as in <see cref="BlockEnds"/>.</summary>
    internal static int BlockOf(int bucket) => bucket < ShapeBuckets ? 0 : bucket < SubwordStart ? 1 : bucket < BodyStart ? 2 : 3;

    /// <summary>Gives the bucket of a feature of the block "body".</summary>
    internal static int BodyBucket(uint hash) => BodyStart + Scale(hash, BucketCount - BodyStart);

    /// <summary>Gives the bucket of a feature of the block "subwords".</summary>
    internal static int SubwordBucket(uint hash) => SubwordStart + Scale(hash, BodyStart - SubwordStart);

    /// <summary>Gives the bucket of a feature of the block "ends".</summary>
    internal static int EndBucket(uint hash) => ShapeBuckets + Scale(hash, SubwordStart - ShapeBuckets);

    private static int Scale(uint hash, int size)
    {
        // The finalizer of MurmurHash3: neighbouring inputs end up far apart.
        hash ^= hash >> 16;
        hash *= 0x85EBCA6B;
        hash ^= hash >> 13;
        hash *= 0xC2B2AE35;
        hash ^= hash >> 16;
        return (int)(((ulong)hash * (uint)size) >> 32);
    }
}
