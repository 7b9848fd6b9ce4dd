namespace RouteLLM;

/// <summary>A part of a text.</summary>
/// <param name="Start">The index of its first character (UTF-16 code unit).</param>
/// <param name="Length">How many characters it has.</param>
public readonly record struct TextSpan(int Start, int Length)
{
    /// <summary>Gets the index after its last character.</summary>
    public int End => Start + Length;
}
