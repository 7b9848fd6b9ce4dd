using System.Runtime.CompilerServices;
using Parquet;
using Parquet.Schema;
using RouteLLM.Evaluation;

namespace RouteLLM.Training;

/// <summary>Reads battles from a Parquet file.</summary>
internal static class ParquetOutcomes
{
    /// <exception cref="EvaluationDataException">The file is no Parquet file, lacks a column, or a row is no battle.</exception>
    public static async Task<List<OutcomeRow>> ReadAsync(string path, CancellationToken cancellationToken)
    {
        ParquetReader reader = await ParquetColumns.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable disposal = reader.ConfigureAwait(false);
        var rows = new List<OutcomeRow>();
        for (int i = 0; i < reader.RowGroupCount; i++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(i);
            try
            {
                await ReadAsync(reader, group, rows, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is not (OperationCanceledException or EvaluationDataException))
            {
                throw new EvaluationDataException(path, rows.Count + 1, exception.Message, exception);
            }
        }

        return rows;
    }

    private static async Task ReadAsync(ParquetReader reader, ParquetRowGroupReader group, List<OutcomeRow> rows, CancellationToken cancellationToken)
    {
        string?[] modelA = await ParquetColumns.ReadTextAsync(group, Required(reader, "model_a"), cancellationToken).ConfigureAwait(false);
        string?[] modelB = await ParquetColumns.ReadTextAsync(group, Required(reader, "model_b"), cancellationToken).ConfigureAwait(false);
        string?[] prompts = ParquetColumns.Find(reader, "prompt") is { } prompt
            ? await ParquetColumns.ReadTextAsync(group, prompt, cancellationToken).ConfigureAwait(false)
            : new string?[modelA.Length];

        if (ParquetColumns.Find(reader, "winner_model_a") is null)
        {
            string?[] winners = await ParquetColumns.ReadTextAsync(group, Required(reader, "winner"), cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < winners.Length; i++)
            {
                rows.Add(OutcomeRow.Of(rows.Count + 1, Present(modelA[i], "model_a"), Present(modelB[i], "model_b"), Present(winners[i], "winner"), prompts[i]));
            }

            return;
        }

        long[] aWon = await ParquetColumns.ReadFlagsAsync(group, Required(reader, "winner_model_a"), cancellationToken).ConfigureAwait(false);
        long[] bWon = await ParquetColumns.ReadFlagsAsync(group, Required(reader, "winner_model_b"), cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < aWon.Length; i++)
        {
            rows.Add(OutcomeRow.OfArena(rows.Count + 1, Present(modelA[i], "model_a"), Present(modelB[i], "model_b"), aWon[i], bWon[i], prompts[i]));
        }
    }

    private static DataField Required(ParquetReader reader, string name) => ParquetColumns.Find(reader, name)
        ?? throw new FormatException($"there is no column \"{name}\"; a file of battles has model_a, model_b, and winner, or winner_model_a with winner_model_b. It has {string.Join(", ", reader.Schema.Fields.Select(static field => field.Name))}.");

    private static string Present(string? value, string column) => value ?? throw new FormatException($"the column \"{column}\" has nothing here; expected text.");
}
