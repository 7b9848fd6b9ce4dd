namespace RouteLLM;

/// <summary>A domain that prompts can belong to: its name, how it is recognised, and the win probability there.</summary>
/// <remarks>A prompt belongs to the domain if it has one of the keywords or one of the cues, and is not longer than <see cref="KeywordRule.MaxLength"/>.</remarks>
public sealed class PromptDomain : KeywordRule
{
    /// <summary>Initializes a new instance of the <see cref="PromptDomain"/> class.</summary>
    /// <param name="name">The domain's name, such as <c>math</c>.</param>
    /// <param name="winProbability">The win probability of the domain's prompts, in [0, 1].</param>
    /// <param name="keywords">The keywords and phrases; may be empty if there are cues.</param>
    /// <param name="cues">The signs of structure, any one of which is enough. The default is none.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="winProbability"/> is NaN or not in [0, 1].</exception>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty or white space; there are neither keywords nor cues; or a keyword is <see langword="null"/>, empty or white space.</exception>
    public PromptDomain(string name, double winProbability, IEnumerable<string> keywords, PromptCues cues = PromptCues.None)
        : base(winProbability, keywords, mayBeEmpty: cues != PromptCues.None)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Name = name;
        Cues = cues;
    }

    /// <summary>Gets the domain's name.</summary>
    public string Name { get; }

    /// <summary>Gets the signs of structure, any one of which is enough.</summary>
    public PromptCues Cues { get; }

    /// <summary>Makes a copy of the domain with another win probability.</summary>
    /// <param name="winProbability">The win probability, in [0, 1].</param>
    /// <returns>The copy.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="winProbability"/> is NaN or not in [0, 1].</exception>
    public PromptDomain WithWinProbability(double winProbability) => new(Name, winProbability, Keywords, Cues) { MaxLength = MaxLength };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
