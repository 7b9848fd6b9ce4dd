using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RouteLLM.Evaluation;

/// <summary>The numbers of a <see cref="RouterEvaluation"/> without its rows: what is written to a file, read by scripts, and compared with later.</summary>
/// <remarks>As JSON its properties are named in snake case, and a number that is not defined (NaN), such as the APGR of equal models, is null.</remarks>
public sealed record EvaluationSummary
{
    /// <summary>Gets the router's name.</summary>
    public required string Router { get; init; }

    /// <summary>Gets the hash of the router's artifact, or <see langword="null"/>.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Gets the name of the strong model.</summary>
    public required string StrongModel { get; init; }

    /// <summary>Gets the name of the weak model.</summary>
    public required string WeakModel { get; init; }

    /// <summary>Gets the scale of scores and qualities.</summary>
    public ScoreScale Scale { get; init; } = ScoreScale.Unit;

    /// <summary>Gets a hash of the rows' ids and scores in their order, in hexadecimal: two summaries with the same one are of the same rows.</summary>
    public string? RowsFingerprint { get; init; }

    /// <summary>Gets how many rows were left out because they say nothing of these models.</summary>
    public int SkippedRows { get; init; }

    /// <summary>Gets the threshold of the operating points.</summary>
    public double Threshold { get; init; } = double.NaN;

    /// <summary>Gets the confidence of the intervals.</summary>
    public double Confidence { get; init; } = double.NaN;

    /// <summary>Gets the numbers of all rows together.</summary>
    public required SliceSummary Overall { get; init; }

    /// <summary>Gets the numbers of parts of the rows; by default of the sources and the sets that they are part of.</summary>
    [JsonPropertyName("sources")]
    public IReadOnlyList<SliceSummary> Slices { get; init; } = [];

    /// <summary>Takes the numbers of an evaluation.</summary>
    /// <param name="evaluation">The evaluation.</param>
    /// <returns>Its numbers.</returns>
    public static EvaluationSummary Create(RouterEvaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        return new()
        {
            Router = evaluation.Router,
            Fingerprint = evaluation.Fingerprint,
            StrongModel = evaluation.StrongModel,
            WeakModel = evaluation.WeakModel,
            Scale = evaluation.Scale,
            RowsFingerprint = FingerprintOf(evaluation.Overall.EvaluatedRows),
            SkippedRows = evaluation.SkippedRows,
            Threshold = evaluation.Threshold,
            Confidence = evaluation.Confidence,
            Overall = SliceSummary.Create(evaluation.Overall),
            Slices = [.. evaluation.Slices.Select(SliceSummary.Create)],
        };
    }

    /// <summary>Finds a slice by its name.</summary>
    /// <param name="name">The name; <c>overall</c> is that of all rows.</param>
    /// <returns>The slice, or <see langword="null"/> if there is none of that name.</returns>
    public SliceSummary? FindSlice(string name) => name == Overall.Name ? Overall : Slices.FirstOrDefault(slice => slice.Name == name);

    /// <summary>Writes the summary as JSON.</summary>
    /// <returns>The JSON, indented.</returns>
    public string ToJson() => JsonSerializer.Serialize(this, SummaryJsonContext.Default.EvaluationSummary);

    /// <summary>Writes the summary to a file.</summary>
    /// <param name="path">The file; replaced if it is there.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        File.WriteAllText(path, ToJson() + "\n");
    }

    /// <summary>Reads a summary from JSON. Properties that it does not know are skipped.</summary>
    /// <param name="json">What <see cref="ToJson"/>, or <c>routellm evaluate --json</c>, wrote.</param>
    /// <param name="name">What to call it in errors, such as a file's name.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="EvaluationException">It is not JSON, or not that of a summary.</exception>
    public static EvaluationSummary Parse(string json, string name = "summary")
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            EvaluationSummary? summary = JsonSerializer.Deserialize(json, SummaryJsonContext.Default.EvaluationSummary);
            return summary is { Overall: not null, Router: not null } ? summary : throw new JsonException("There is none.");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new EvaluationException($"{name} is not the summary of an evaluation: {error.Message} Expected what EvaluationSummary.Save or 'routellm evaluate --json' writes.", error);
        }
    }

    /// <summary>Reads a summary from a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The summary.</returns>
    /// <exception cref="IOException">The file is missing or cannot be read.</exception>
    /// <exception cref="EvaluationException">It is not JSON, or not that of a summary.</exception>
    public static EvaluationSummary Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Parse(File.ReadAllText(path), path);
    }

    private static string FingerprintOf(IEnumerable<EvaluatedRow> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> numbers = stackalloc byte[sizeof(int) + (3 * sizeof(double))];
        foreach (EvaluatedRow row in rows)
        {
            byte[] id = Encoding.UTF8.GetBytes(row.Id);
            BinaryPrimitives.WriteInt32LittleEndian(numbers, id.Length);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[sizeof(int)..], row.StrongScore);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[(sizeof(int) + sizeof(double))..], row.WeakScore);
            BinaryPrimitives.WriteDoubleLittleEndian(numbers[(sizeof(int) + (2 * sizeof(double)))..], row.StrongProbability ?? double.NaN);
            hash.AppendData(numbers);
            hash.AppendData(id);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
