namespace RouteLLM.Reporting;

/// <summary>Chooses which corners of a curve are shown where there are too many.</summary>
internal static class CurveSampling
{
    /// <summary>Chooses corners at about evenly spaced strong shares, always the first and the last.</summary>
    /// <param name="count">How many corners there are, at least 2.</param>
    /// <param name="shareOf">Gives the strong share of a corner; they ascend.</param>
    /// <param name="max">How many to choose at most, at least 2.</param>
    /// <param name="kept">A corner to choose in any case, or <see langword="null"/>.</param>
    /// <returns>The indices of the chosen corners, ascending.</returns>
    public static int[] Choose(int count, Func<int, double> shareOf, int max, int? kept = null)
    {
        if (count <= max)
        {
            return [.. Enumerable.Range(0, count)];
        }

        var chosen = new SortedSet<int> { 0, count - 1 };
        int places = kept is null ? max : Math.Max(2, max - 1);
        int corner = 0;
        for (int place = 1; place < places - 1; place++)
        {
            double share = (double)place / (places - 1);
            while (shareOf(corner) < share)
            {
                corner++;
            }

            chosen.Add(corner);
        }

        if (kept is { } index)
        {
            chosen.Add(index);
        }

        return [.. chosen];
    }

    /// <summary>Finds the corner that a threshold leads to: the last whose own threshold is not below it.</summary>
    /// <param name="thresholds">The thresholds of the corners, descending from infinity.</param>
    /// <param name="threshold">The threshold.</param>
    public static int IndexOf(IReadOnlyList<double> thresholds, double threshold)
    {
        int index = 0;
        while (index + 1 < thresholds.Count && thresholds[index + 1] >= threshold)
        {
            index++;
        }

        return index;
    }
}
