using System.Text.Json;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Makes the rows of the training file from what a journal holds.</summary>
internal static class CollectionRows
{
    /// <summary>Makes the row of a prompt.</summary>
    /// <returns>The row, and how many answers and judgements it lacks.</returns>
    public static (SampledRow Row, int Missing) Create(CollectionSetup setup, JournalContents journal, CollectionPrompt prompt)
    {
        int missing = 0;
        var costs = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < setup.Models.Count; i++)
        {
            JournalEntry[] answers = [.. Enumerable.Range(0, setup.Samples).Select(sample => setup.FindAnswer(journal, prompt, i, sample)).OfType<JournalEntry>()];
            missing += setup.Samples - answers.Length;
            if (answers.Length > 0 && setup.Models[i].Price is not null)
            {
                costs.Add(setup.Models[i].Name, (double)(answers.Sum(static answer => answer.Cost.Usd) / answers.Length));
            }
        }

        // For each model, for each sample, the scores against all rivals.
        List<double>[,] scores = new List<double>[setup.Models.Count, setup.Samples];
        foreach ((int Model, int? Rival) judged in setup.Judged)
        {
            for (int sample = 0; sample < setup.Samples; sample++)
            {
                if (setup.FindJudgement(journal, prompt, judged, sample) is not { } judgement)
                {
                    missing++;
                    continue;
                }

                (scores[judged.Model, sample] ??= []).Add(judgement.Score);
                if (judged.Rival is { } rival)
                {
                    (scores[rival, sample] ??= []).Add(1 - judgement.Score);
                }
            }
        }

        Dictionary<string, IReadOnlyList<double>> samples = Enumerable.Range(0, setup.Models.Count)
            .Select(i => (setup.Models[i].Name, Scores: (IReadOnlyList<double>)[.. Enumerable.Range(0, setup.Samples).Select(sample => scores[i, sample]).OfType<List<double>>().Select(static list => list.Average())]))
            .Where(static model => model.Scores.Count > 0)
            .ToDictionary(static model => model.Name, static model => model.Scores, StringComparer.Ordinal);
        var row = new EvaluationRow
        {
            Id = prompt.Id,
            Source = prompt.Source,
            Split = prompt.Split,
            Prompt = prompt.Prompt,
            Scores = samples.ToDictionary(static model => model.Key, static model => model.Value.Average(), StringComparer.Ordinal),
            Costs = costs,
        };
        return (new SampledRow(row, samples), missing);
    }

    /// <summary>Writes a training file, whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="withSamples">Whether the samples' scores are written beside their means.</param>
    public static void Write(string path, IEnumerable<SampledRow> rows, bool withSamples)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        string temporary = path + ".tmp";
        using (FileStream file = File.Create(temporary))
        {
            foreach (SampledRow row in rows)
            {
                using (var writer = new Utf8JsonWriter(file, JournalFormat.WriterOptions))
                {
                    WriteRow(writer, row, withSamples);
                }

                file.Write("\n"u8);
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private static void WriteRow(Utf8JsonWriter writer, SampledRow row, bool withSamples)
    {
        writer.WriteStartObject();
        writer.WriteString("id", JournalFormat.WellFormed(row.Row.Id));
        writer.WriteString("source", JournalFormat.WellFormed(row.Row.Source));
        writer.WriteString("split", JournalFormat.WellFormed(row.Row.Split));
        writer.WriteString("prompt", JournalFormat.WellFormed(row.Row.Prompt));
        WriteNumbers(writer, "scores", row.Row.Scores);
        WriteNumbers(writer, "cost", row.Row.Costs);
        if (withSamples)
        {
            writer.WriteStartObject("samples");
            foreach ((string model, IReadOnlyList<double> scores) in row.Samples)
            {
                writer.WriteStartArray(JournalFormat.WellFormed(model));
                foreach (double score in scores)
                {
                    writer.WriteNumberValue(score);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string property, IReadOnlyDictionary<string, double> numbers)
    {
        writer.WriteStartObject(property);
        foreach ((string model, double number) in numbers)
        {
            writer.WriteNumber(JournalFormat.WellFormed(model), number);
        }

        writer.WriteEndObject();
    }
}
