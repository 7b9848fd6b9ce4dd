using System.Globalization;
using System.Text;

namespace RouteLLM;

/// <summary>A trained artifact is damaged, is of another format, or does not hold what was asked of it.</summary>
/// <remarks>
/// The message says which artifact and which tensor, what was wrong, what was expected, and what to do. Text taken from the artifact
/// is cut short and its control characters are escaped, so the message is safe to log.
/// </remarks>
public sealed class InvalidArtifactException : Exception
{
    private const int LongestQuote = 100;

    /// <summary>Initializes a new instance of the <see cref="InvalidArtifactException"/> class.</summary>
    /// <param name="problem">What was wrong, what was expected and what to do: one or more whole sentences.</param>
    /// <param name="artifactName">The file, or <see langword="null"/> if the artifact has no name.</param>
    /// <param name="tensorName">The tensor, or <see langword="null"/> if the problem is not one tensor's.</param>
    /// <param name="innerException">The cause, or <see langword="null"/>.</param>
    public InvalidArtifactException(string problem, string? artifactName = null, string? tensorName = null, Exception? innerException = null)
        : base(Compose(problem, artifactName, tensorName), innerException)
    {
        ArtifactName = artifactName;
        TensorName = tensorName;
    }

    /// <summary>Gets the file, or <see langword="null"/> if the artifact has no name.</summary>
    public string? ArtifactName { get; }

    /// <summary>Gets the tensor, or <see langword="null"/> if the problem is not one tensor's.</summary>
    public string? TensorName { get; }

    /// <summary>Makes text that came from an artifact fit to stand in a message: quoted, short, and without control characters.</summary>
    internal static string Quote(string text) => $"'{Clean(text, LongestQuote)}'";

    /// <summary>Cuts text short and escapes what would garble a log.</summary>
    internal static string Clean(string text, int longest)
    {
        StringBuilder clean = new(Math.Min(text.Length, longest));
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, longest)))
        {
            // Format characters include those that reverse the direction of text; a half surrogate may come from cutting.
            if (char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            {
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                clean.Append(c);
            }
        }

        return text.Length > longest ? clean.Append("...").ToString() : clean.ToString();
    }

    private static string Compose(string problem, string? artifactName, string? tensorName)
    {
        ArgumentNullException.ThrowIfNull(problem);
        string artifact = artifactName is null ? "The artifact" : $"The artifact '{artifactName}'";
        string tensor = tensorName is null ? "" : $", tensor {Quote(tensorName)},";
        return $"{artifact}{tensor} cannot be used: {problem}";
    }
}
