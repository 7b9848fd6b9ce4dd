using System.Globalization;
using CsCheck;

namespace RouteLLM.Tests.Embeddings;

public class HashedTextFeaturesTests
{
    private static readonly Gen<string> s_anyText = Gen.String[Gen.OneOf(Gen.Char, Gen.Char['\uD800', '\uDFFF'], Gen.Char[' ', '~'], Gen.Char['\u3040', '\u30FF'], Gen.Const('\0')), 0, 300];

    [Fact]
    public void Any_text_gives_distinct_buckets_within_range_and_bound() => s_anyText.Sample(text =>
    {
        int[] buckets = Extract(text);
        Assert.InRange(buckets.Length, 1, HashedTextFeatures.GetMaxFeatures(text.Length));
        Assert.All(buckets, static bucket => Assert.InRange(bucket, 0, HashedTextFeatures.BucketCount - 1));
        Assert.Equal(buckets.Length, buckets.Distinct().Count());
    });

    [Fact]
    public void The_same_text_gives_the_same_features_whatever_was_read_before() => Gen.Select(s_anyText, s_anyText).Sample((text, other) =>
    {
        int[] first = Extract(text);
        Extract(other);
        Assert.Equal(first, Extract(text));
    });

    [Fact]
    public void Case_full_width_forms_and_surrounding_space_do_not_matter()
    {
        Assert.Equal(Extract("prove it, \"now\"!"), Extract("PROVE IT, “NOW”!"));
        Assert.Equal(Extract("Abc 12?"), Extract("Ａｂｃ 12？"));
        Assert.Equal(Extract("hello"), Extract("  hello \n"));
        Assert.Equal(Extract("ÄÖÜ ΣΩ ЖЫ"), Extract("äöü σω жы"));
    }

    [Fact]
    public void The_current_culture_does_not_matter()
    {
        int[] expected = Extract("TITLE IN ISTANBUL");
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("tr-TR");
            Assert.Equal(expected, Extract("TITLE IN ISTANBUL"));
            Assert.Equal(expected, Extract("title in istanbul"));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Words_of_a_text_are_features_of_a_longer_one_too() =>
        Assert.Subset(Body("please explain the Riemann hypothesis to me in short"), Body("the Riemann hypothesis"));

    [Fact]
    public void Scripts_without_spaces_share_features_where_they_share_characters() =>
        Assert.Subset(Body("この補題を証明してください"), Body("証明して"));

    [Fact]
    public void Word_order_matters() => Assert.NotEqual(Body("dog bites man"), Body("man bites dog"));

    [Fact]
    public void Of_a_long_text_only_beginning_and_end_are_read()
    {
        string head = Words(0, HashedTextFeatures.HeadLength);
        string tail = Words(1, HashedTextFeatures.TailLength);
        int[] one = Extract(head + new string('x', 50_000) + tail);
        int[] other = Extract(head + string.Concat(Enumerable.Repeat("y\n? ", 12_500)) + tail);
        Assert.Equal(one, other);
        Assert.NotEqual(one, Extract(head + new string('x', 50_000) + tail + " fix the typos"));
        Assert.NotEqual(one, Extract("fix the typos " + head + new string('x', 50_000) + tail));
    }

    [Fact]
    public void A_buffer_that_might_be_too_short_is_refused() =>
        Assert.Contains("can have", Assert.Throws<ArgumentException>(static () => HashedTextFeatures.Extract("hello", new int[5])).Message, StringComparison.Ordinal);

    [Fact]
    public void Extracting_allocates_nothing()
    {
        var buckets = new int[HashedTextFeatures.MaxFeatures];
        string text = Words(2, 500) + "証明してください";
        HashedTextFeatures.Extract(text, buckets);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            HashedTextFeatures.Extract(text, buckets);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Threads_do_not_disturb_one_another()
    {
        string[] texts = [.. Enumerable.Range(0, 64).Select(i => Words(i, 400))];
        int[][] expected = [.. texts.Select(Extract)];
        Parallel.For(0, 2_000, i => Assert.Equal(expected[i % 64], Extract(texts[i % 64])));
    }

    // An artifact is bound to the features it was trained on: if one of these changes, so must the fingerprint, and the built-in router must be trained again.
    [Theory]
    [InlineData("", 3193017221u)]
    [InlineData("Prove the Riemann-Lebesgue lemma.", 132139790u)]
    [InlineData("fix: ```x = {1}; y\n\nA. 10\nB. 2½?", 1790835704u)]
    [InlineData("素数は無限に存在することを証明せよ。한국어 ไทย", 270405014u)]
    [InlineData("مرحبا 👋🏽 \uD800 \0 naïve", 3305422683u)]
    public void Features_are_pinned(string text, uint expected)
    {
        Assert.Equal("hashed-text-2", HashedTextFeatures.Fingerprint);
        uint hash = 2166136261;
        foreach (int bucket in Extract(text).Order())
        {
            hash = (hash ^ (uint)bucket) * 16777619;
        }

        Assert.Equal(expected, hash);
    }

    private static int[] Extract(string text)
    {
        var buckets = new int[HashedTextFeatures.GetMaxFeatures(text.Length)];
        return buckets[..HashedTextFeatures.Extract(text, buckets)];
    }

    private static HashSet<int> Body(string text) => [.. Extract(text).Where(static bucket => bucket >= HashedTextFeatures.BodyStart)];

    private static string Words(int seed, int length)
    {
        var random = new Random(seed);
        return string.Create(length, random, static (span, random) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = i > 0 && i < span.Length - 1 && random.Next(6) == 0 ? ' ' : (char)('a' + random.Next(26));
            }
        });
    }
}
