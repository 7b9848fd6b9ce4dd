using System.Globalization;
using System.Text.Json;

namespace RouteLLM.Evaluation;

/// <summary>Reads MT-Bench's questions and grades.</summary>
internal static class MtBenchRows
{
    public static IReadOnlyList<EvaluationRow> Read(string questionPath, string judgementPath)
    {
        var grades = new Dictionary<long, Dictionary<string, (double Sum, int Count)>>();
        foreach ((JsonElement line, int number) in Lines(judgementPath))
        {
            (long id, string model, double grade) = Parse(judgementPath, number, () => (line.GetProperty("question_id").GetInt64(), line.GetProperty("model").GetString()!, line.GetProperty("score").GetDouble()));
            if (!ScoreScale.OneToTen.Contains(grade))
            {
                throw new EvaluationDataException(judgementPath, number, string.Create(CultureInfo.InvariantCulture, $"\"score\" is {grade}; expected a grade from 1 to 10."));
            }

            Dictionary<string, (double Sum, int Count)> models = grades.TryGetValue(id, out Dictionary<string, (double Sum, int Count)>? known) ? known : grades[id] = new(StringComparer.Ordinal);
            (double sum, int count) = models.GetValueOrDefault(model);
            models[model] = (sum + grade, count + 1);
        }

        var rows = new List<EvaluationRow>();
        foreach ((JsonElement line, int number) in Lines(questionPath))
        {
            (long id, string category, string prompt) = Parse(questionPath, number, () => (line.GetProperty("question_id").GetInt64(), line.GetProperty("category").GetString()!, line.GetProperty("turns")[0].GetString()!));
            if (grades.TryGetValue(id, out Dictionary<string, (double Sum, int Count)>? models))
            {
                rows.Add(new EvaluationRow
                {
                    Id = string.Create(CultureInfo.InvariantCulture, $"mt_bench/{id}"),
                    Source = $"mt_bench/{category}",
                    Category = category,
                    Prompt = prompt,
                    Scores = models.ToDictionary(static entry => entry.Key, static entry => entry.Value.Sum / entry.Value.Count, StringComparer.Ordinal),
                    Origin = new RowOrigin(questionPath, number),
                });
            }
        }

        return rows;
    }

    private static IEnumerable<(JsonElement Line, int Number)> Lines(string path)
    {
        using StreamReader reader = EvaluationRowReader.OpenText(path);
        for (int number = 1; TextLines.Read(reader, path, number) is { } line; number++)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                using JsonDocument document = Parse(path, number, () => JsonDocument.Parse(line));
                yield return (document.RootElement, number);
            }
        }
    }

    private static T Parse<T>(string path, int number, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
        {
            throw new EvaluationDataException(path, number, $"it is no line of MT-Bench: {exception.Message} Questions have question_id, category and turns, judgements question_id, model and score.", exception);
        }
    }
}
