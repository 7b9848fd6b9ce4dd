using System.IO.Compression;
using System.Text.Json;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>
/// Reads evaluation rows with sampled answers from JSON lines: those of <see cref="EvaluationRowReader"/> with one property more, <c>samples</c>, an object from model name to an array of numbers.
/// A model without one has its score, if any, as its only sample. <see cref="AnswerCollector"/> writes such files.
/// </summary>
public static class SampledRowReader
{
    /// <summary>Reads a file row by row.</summary>
    /// <param name="path">The file; gzipped if its name ends in <c>.gz</c>.</param>
    /// <returns>The rows, in the file's order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is no row.</exception>
    public static IEnumerable<SampledRow> ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Iterate(path);

        static IEnumerable<SampledRow> Iterate(string path)
        {
            using Stream file = File.OpenRead(path);
            using Stream data = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file;
            using var reader = new StreamReader(data);
            foreach (SampledRow row in Read(reader, path))
            {
                yield return row;
            }
        }
    }

    /// <summary>Reads rows from text.</summary>
    /// <param name="reader">The text, one JSON object a line; blank lines are skipped.</param>
    /// <param name="name">What to call the text in errors, such as a file's name.</param>
    /// <returns>The rows, in order, read as they are enumerated.</returns>
    /// <exception cref="EvaluationDataException">A line is no row.</exception>
    public static IEnumerable<SampledRow> Read(TextReader reader, string name)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentException.ThrowIfNullOrEmpty(name);
        return Iterate(reader, name);

        static IEnumerable<SampledRow> Iterate(TextReader reader, string name)
        {
            for (int number = 1; reader.ReadLine() is { } line; number++)
            {
                if (!string.IsNullOrWhiteSpace(line))
                {
                    yield return Parse(line, name, number);
                }
            }
        }
    }

    private static SampledRow Parse(string line, string name, int number)
    {
        EvaluationRow row;
        try
        {
            using var reader = new StringReader(line);
            row = EvaluationRowReader.Read(reader, name).Single();
        }
        catch (EvaluationDataException error)
        {
            // The same, with the line's own number.
            throw new EvaluationDataException(name, number, error.InnerException?.Message ?? error.Message, error);
        }

        Dictionary<string, IReadOnlyList<double>> samples = row.Scores.ToDictionary(static score => score.Key, static score => (IReadOnlyList<double>)[score.Value], StringComparer.Ordinal);
        using JsonDocument document = JsonDocument.Parse(line);
        if (!document.RootElement.TryGetProperty("samples", out JsonElement models) || models.ValueKind == JsonValueKind.Null)
        {
            return new SampledRow(row, samples);
        }

        if (models.ValueKind != JsonValueKind.Object)
        {
            throw new EvaluationDataException(name, number, $"the property \"samples\" is {models.ValueKind}; expected an object from model name to an array of numbers.");
        }

        foreach (JsonProperty model in models.EnumerateObject())
        {
            if (model.Value.ValueKind != JsonValueKind.Array || model.Value.EnumerateArray().Any(static value => value.ValueKind != JsonValueKind.Number || !double.IsFinite(value.GetDouble())))
            {
                throw new EvaluationDataException(name, number, $"\"samples.{model.Name}\" is {model.Value.GetRawText()}; expected an array of finite numbers.");
            }

            samples[model.Name] = [.. model.Value.EnumerateArray().Select(static value => value.GetDouble())];
        }

        return new SampledRow(row, samples);
    }
}
