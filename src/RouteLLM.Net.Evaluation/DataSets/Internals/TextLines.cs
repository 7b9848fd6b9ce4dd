namespace RouteLLM.Evaluation;

/// <summary>Reads text that may be compressed and damaged.</summary>
internal static class TextLines
{
    /// <summary>Reads a line.</summary>
    /// <exception cref="EvaluationDataException">The text cannot be decompressed.</exception>
    public static string? Read(TextReader reader, string name, int number)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (InvalidDataException exception)
        {
            throw Damaged(name, number, exception);
        }
    }

    /// <summary>Says that a compressed file is damaged.</summary>
    public static EvaluationDataException Damaged(string name, int number, Exception exception) => new(name, number, $"it cannot be decompressed from here on: {exception.Message}", exception);
}
