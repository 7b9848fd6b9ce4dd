namespace RouteLLM;

/// <summary>What a <see cref="LinearModel"/> reads from a text.</summary>
public enum LinearFeatures
{
    /// <summary>
    /// All <see cref="HashedTextFeatures"/>: words, pairs of words, how the text begins and ends, and its shape, each there or not, weighted by inverse document frequency. Features that training did not see count towards the
    /// length of the vector, so that of a text of unknown words little is concluded.
    /// </summary>
    Binary,

    /// <summary>
    /// TF-IDF as text classification has it, the common baseline of routing benchmarks: words and pairs of words only, hashed, weighted by (1 + ln f) (1 + ln((1 + n) / (1 + d))) for a frequency f in the text and a
    /// frequency d among n documents (scikit-learn's <c>TfidfVectorizer</c> with <c>ngram_range=(1, 2)</c> and <c>sublinear_tf=True</c>). Words that training did not see are left out, and order, ends and shape of the text do not count.
    /// </summary>
    TfIdf,
}
