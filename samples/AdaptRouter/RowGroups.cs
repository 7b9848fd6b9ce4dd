using System.Globalization;
using RouteLLM.Evaluation;

namespace AdaptRouter;

/// <summary>Keeps rows together that stand side by side in a file and are variations of one another.</summary>
internal static class RowGroups
{
    /// <summary>Gives the group of a row whose id ends in a number; <see langword="null"/>, for a group of its own, if groups are of one row or it does not.</summary>
    public static string? Of(EvaluationRow row, int size)
    {
        int slash = row.Id.LastIndexOf('/');
        return size > 1 && int.TryParse(row.Id.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? string.Create(CultureInfo.InvariantCulture, $"{row.Id[..(slash + 1)]}{number / size}")
            : null;
    }
}
