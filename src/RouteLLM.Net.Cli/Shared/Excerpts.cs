namespace RouteLLM.Cli;

/// <summary>Shortens prompts for tables that somebody looks at.</summary>
internal static class Excerpts
{
    /// <summary>Gives the beginning of a text on one line, cut between characters as people see them.</summary>
    public static string Of(string text, int length)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length <= length)
        {
            return line;
        }

        int end = 0;
        foreach (int start in System.Globalization.StringInfo.ParseCombiningCharacters(line))
        {
            if (start >= length)
            {
                break;
            }

            end = start;
        }

        return $"{line[..end]}…";
    }
}
