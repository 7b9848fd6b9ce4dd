namespace RouteLLM;

/// <summary>Something that a classifier found in a request.</summary>
/// <param name="Category">What, in words separated by dots, from the general to the particular: <c>pii.email</c>, <c>prompt-injection</c>.</param>
/// <param name="Confidence">How sure it is, in [0, 1].</param>
/// <param name="Count">How often it was found.</param>
public sealed record RequestSignal(string Category, double Confidence = 1, int Count = 1)
{
    /// <summary>Tells whether the signal is of a category or of one within it: <c>pii.email</c> is of <c>pii</c>, and everything is of <c>*</c>.</summary>
    /// <param name="category">The category; compared without regard to case.</param>
    /// <returns><see langword="true"/> if it is.</returns>
    public bool IsOf(string category)
    {
        ArgumentNullException.ThrowIfNull(category);
        return category == "*"
            || (Category.StartsWith(category, StringComparison.OrdinalIgnoreCase) && (Category.Length == category.Length || Category[category.Length] == '.'));
    }
}
