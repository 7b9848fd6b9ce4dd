namespace RouteLLM;

/// <summary>Finds models by name, and names that were perhaps meant.</summary>
internal static class ModelNames
{
    private const int MostListed = 5;

    /// <summary>Gives the index of a model.</summary>
    /// <exception cref="ArgumentException">There is no such model; the message lists the names nearest to it.</exception>
    public static int IndexOf(string[] models, string model, string parameter)
    {
        ArgumentNullException.ThrowIfNull(model, parameter);
        int index = Array.IndexOf(models, model);
        return index >= 0 ? index
            : throw new ArgumentException($"There is no model '{model}' among the {models.Length} here; the nearest names are {string.Join(", ", Nearest(models, model).Select(static name => $"'{name}'"))}.", parameter);
    }

    /// <summary>Gives the names nearest to one, by edit distance without regard to case and to an organisation before a slash.</summary>
    internal static IEnumerable<string> Nearest(string[] models, string model)
    {
        string wanted = Plain(model);
        return models.OrderBy(name => Distance(Plain(name), wanted)).ThenBy(static name => name, StringComparer.Ordinal).Take(MostListed);
    }

    private static string Plain(string name) => name[(name.LastIndexOf('/') + 1)..].ToUpperInvariant();

    // Levenshtein's distance, row by row.
    private static int Distance(string left, string right)
    {
        int[] previous = [.. Enumerable.Range(0, right.Length + 1)];
        int[] current = new int[right.Length + 1];
        for (int i = 0; i < left.Length; i++)
        {
            current[0] = i + 1;
            for (int j = 0; j < right.Length; j++)
            {
                int replaced = previous[j] + (left[i] == right[j] ? 0 : 1);
                current[j + 1] = Math.Min(replaced, Math.Min(previous[j + 1], current[j]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[^1];
    }
}
