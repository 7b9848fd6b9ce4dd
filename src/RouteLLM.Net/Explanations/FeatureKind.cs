namespace RouteLLM;

/// <summary>What a feature is made of; see <see cref="HashedTextFeatures"/>.</summary>
public enum FeatureKind
{
    /// <summary>A word, or two neighbouring ones, wherever they stand.</summary>
    Body,

    /// <summary>A part of a word, such as <c>"prov-"</c> of "prove" and "proving".</summary>
    Subword,

    /// <summary>Words at the beginning or the end of the text, because they stand there.</summary>
    Ends,

    /// <summary>The shape of the text: its length, lines, questions, digits, signs of code and the like.</summary>
    Shape,
}
