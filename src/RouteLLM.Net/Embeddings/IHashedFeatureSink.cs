namespace RouteLLM;

/// <summary>Takes the features of a text from a <see cref="HashedTextReader{TSink}"/>.</summary>
/// <remarks>A feature that is made of tokens is given with the numbers of those tokens, counted from 0 in the order they were begun.</remarks>
internal interface IHashedFeatureSink
{
    /// <summary>Says where in the text the next token stands.</summary>
    void BeginToken(int start, int length);

    /// <summary>Adds a feature of the block "body".</summary>
    void AddBody(uint hash, int firstToken, int tokenCount);

    /// <summary>Adds a feature of the block "subwords".</summary>
    /// <param name="hash">The feature's hash.</param>
    /// <param name="token">The token, a word, it is a part of; that may not have begun yet.</param>
    /// <param name="start">Where in the word the part begins; -1 if it has the word's beginning as its first sign.</param>
    void AddSubword(uint hash, int token, int start);

    /// <summary>Adds a feature of the block "ends".</summary>
    /// <param name="hash">The feature's hash.</param>
    /// <param name="firstToken">The first token it is made of.</param>
    /// <param name="tokenCount">How many tokens it is made of, which can be none.</param>
    /// <param name="label">What it says of these tokens.</param>
    void AddEnd(uint hash, int firstToken, int tokenCount, string label);

    /// <summary>Adds a feature of the block "shape".</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="label">What is counted.</param>
    /// <param name="value">The count that led to this bucket.</param>
    void AddShape(int bucket, string label, int value);

    /// <summary>Ends the text.</summary>
    /// <returns>How many distinct features there are.</returns>
    int Complete();
}
