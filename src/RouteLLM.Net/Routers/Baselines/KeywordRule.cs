namespace RouteLLM;

/// <summary>Some keywords and phrases, and the win probability of a prompt that has one of them.</summary>
/// <remarks>
/// <para>
/// Case does not matter, and white space within a phrase stands for any white space, also a line break. In scripts that separate words a keyword
/// matches whole words only (<c>prove</c> is not in "improve"); in those that do not (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan), and in Korean, where
/// particles cling to the word, it matches anywhere. Where a keyword begins or ends with a sign, anything may stand next to it: <c>c++</c> is in "C++17".
/// </para>
/// <para>Texts are compared as they are written: inflected forms are keywords of their own, and there is no Unicode normalisation.</para>
/// </remarks>
public class KeywordRule
{
    /// <summary>Initializes a new instance of the <see cref="KeywordRule"/> class.</summary>
    /// <param name="winProbability">The win probability of a prompt with one of the keywords, in [0, 1].</param>
    /// <param name="keywords">The keywords and phrases; at least one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="winProbability"/> is NaN or not in [0, 1].</exception>
    /// <exception cref="ArgumentException">There are no keywords, or one is <see langword="null"/>, empty or white space.</exception>
    public KeywordRule(double winProbability, params IEnumerable<string> keywords)
        : this(winProbability, keywords, mayBeEmpty: false)
    {
    }

    private protected KeywordRule(double winProbability, IEnumerable<string> keywords, bool mayBeEmpty)
    {
        WinProbability = Probability.Checked(winProbability);
        ArgumentNullException.ThrowIfNull(keywords);
        string[] copy = [.. keywords];
        if (copy.Length == 0 && !mayBeEmpty)
        {
            throw new ArgumentException("A rule without keywords never matches; give it at least one keyword.", nameof(keywords));
        }

        if (Array.FindIndex(copy, string.IsNullOrWhiteSpace) is >= 0 and int index)
        {
            throw new ArgumentException($"A keyword has at least one character that is not white space; number {index} is {(copy[index] is null ? "null" : $"'{copy[index]}'")}.", nameof(keywords));
        }

        Keywords = Array.AsReadOnly(copy);
    }

    /// <summary>Gets the win probability of a prompt with one of the keywords, in [0, 1].</summary>
    public double WinProbability { get; }

    /// <summary>Gets the keywords and phrases.</summary>
    public IReadOnlyList<string> Keywords { get; }

    /// <summary>Gets the length, in code points, beyond which a prompt does not match, so that <c>thanks</c> means something in a short message only. The default is no limit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative or zero.</exception>
    public int MaxLength
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            field = value;
        }
    } = int.MaxValue;

    /// <summary>Tells whether a prompt is short enough for the rule.</summary>
    internal bool Allows(ReadOnlySpan<char> prompt) => prompt.Length <= MaxLength || CodePoints.Count(prompt, MaxLength + 1) <= MaxLength;
}
