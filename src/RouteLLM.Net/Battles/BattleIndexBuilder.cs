using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RouteLLM;

/// <summary>Builds a <see cref="BattleIndex"/> row by row.</summary>
/// <remarks>All rows are battles, or all have scores. The same rows in the same order give the same bytes. Not safe for use by several threads at once.</remarks>
public sealed class BattleIndexBuilder
{
    private readonly BattleIndexOptions _options;
    private readonly List<string> _models = [];
    private readonly Dictionary<string, int> _modelIndexes = new(StringComparer.Ordinal);
    private readonly ByteChunks _embeddings = new();
    private readonly ByteChunks _norms = new();
    private readonly ByteChunks _scales = new();
    private readonly ByteChunks _modelA = new();
    private readonly ByteChunks _modelB = new();
    private readonly ByteChunks _winners = new();
    private readonly ByteChunks _prompts = new();
    private readonly ByteChunks _promptOffsets = new();
    private readonly List<float[]> _scores = [];
    private bool _anyPrompt;
    private byte[] _row = [];

    /// <summary>Initializes a new instance of the <see cref="BattleIndexBuilder"/> class.</summary>
    /// <param name="options">What is kept; the defaults if <see langword="null"/>.</param>
    /// <exception cref="ArgumentException">The provenance uses a key of the format itself.</exception>
    public BattleIndexBuilder(BattleIndexOptions? options = null)
    {
        _options = options ?? new BattleIndexOptions();
        if (_options.Provenance.Keys.FirstOrDefault(BattleIndexFormat.ReservedKeys.Contains) is { } key)
        {
            throw new ArgumentException($"The provenance may not use the key '{key}', which the format itself has; call it something else.", nameof(options));
        }
    }

    /// <summary>Gets the number of rows so far.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the number of dimensions of the embeddings; 0 before the first.</summary>
    public int Dimensions { get; private set; }

    /// <summary>Adds a battle.</summary>
    /// <param name="battle">The battle.</param>
    /// <param name="embedding">The embedding of its prompt, of any length but zero; all of one index have the same number of dimensions.</param>
    /// <exception cref="ArgumentException">The embedding has another number of dimensions or an element that is not finite, or a model battles itself or has no name.</exception>
    /// <exception cref="InvalidOperationException">The rows before have scores.</exception>
    public void Add(Battle battle, ReadOnlySpan<float> embedding)
    {
        ArgumentNullException.ThrowIfNull(battle);
        if (_scores.Count > 0)
        {
            throw new InvalidOperationException("The rows before this battle have scores. Make one index of battles and another of scores.");
        }

        if (battle.ModelA == battle.ModelB)
        {
            throw new ArgumentException($"The battle is of '{battle.ModelA}' against itself, which says nothing.", nameof(battle));
        }

        if (!Enum.IsDefined(battle.Winner))
        {
            throw new ArgumentException($"The winner is {battle.Winner}; expected one of {string.Join(", ", Enum.GetNames<BattleWinner>())}.", nameof(battle));
        }

        int a = IndexOf(battle.ModelA, nameof(battle));
        int b = IndexOf(battle.ModelB, nameof(battle));
        AddRow(battle.Prompt, embedding);
        AppendUInt16(_modelA, a);
        AppendUInt16(_modelB, b);
        _winners.Append([(byte)battle.Winner]);
    }

    /// <summary>Adds a prompt with the scores of several models' answers.</summary>
    /// <param name="prompt">The prompt, or <see langword="null"/>.</param>
    /// <param name="scores">The scores in [0, 1] by the models' names: those that are known, at least one.</param>
    /// <param name="embedding">The embedding of the prompt.</param>
    /// <exception cref="ArgumentException">The embedding has another number of dimensions or an element that is not finite, there is no score, or one is not in [0, 1].</exception>
    /// <exception cref="InvalidOperationException">The rows before are battles.</exception>
    public void Add(string? prompt, IReadOnlyDictionary<string, double> scores, ReadOnlySpan<float> embedding)
    {
        ArgumentNullException.ThrowIfNull(scores);
        if (_winners.Length > 0)
        {
            throw new InvalidOperationException("The rows before this one are battles. Make one index of battles and another of scores.");
        }

        if (scores.Count == 0)
        {
            throw new ArgumentException("The prompt has no scores.", nameof(scores));
        }

        foreach ((string model, double score) in scores)
        {
            if (score is not (>= 0 and <= 1))
            {
                throw new ArgumentException(FormattableString.Invariant($"The score of '{model}' is {score}; expected a number in [0, 1]."), nameof(scores));
            }
        }

        (int Index, double Score)[] indexed = [.. scores.Select(score => (IndexOf(score.Key, nameof(scores)), score.Value))];
        AddRow(prompt, embedding);
        var row = new float[_models.Count];
        Array.Fill(row, float.NaN);
        foreach ((int index, double score) in indexed)
        {
            row[index] = (float)score;
        }

        _scores.Add(row);
    }

    /// <summary>Writes the index to disk: to a temporary file beside it that then takes its place.</summary>
    /// <param name="path">The path. A file that is there is replaced, even while it is open as an index on Unix; the directory must exist.</param>
    /// <exception cref="InvalidOperationException">There are no rows.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Save(string path) => Write().Save(path);

    /// <summary>Makes the index in memory.</summary>
    /// <returns>The index, independent of the builder.</returns>
    /// <exception cref="InvalidOperationException">There are no rows, or more than an array can hold; save these to disk and open them.</exception>
    public BattleIndex Build() => BattleIndex.Parse(ToArray());

    /// <summary>Gives the bytes of the index's file.</summary>
    /// <returns>The whole file.</returns>
    /// <exception cref="InvalidOperationException">There are no rows, or more than an array can hold.</exception>
    public byte[] ToArray() => Write().ToArray();

    private void AddRow(string? prompt, ReadOnlySpan<float> embedding)
    {
        if (embedding.Length is 0 or > BattleIndexFormat.MaxDimensions || (Dimensions > 0 && embedding.Length != Dimensions))
        {
            throw new ArgumentException(
                $"The embedding has {embedding.Length} dimensions; {(Dimensions > 0 ? $"those before it have {Dimensions}" : $"1 to {BattleIndexFormat.MaxDimensions} are possible")}.", nameof(embedding));
        }

        // Also catches finite elements too large to have a finite norm as a float.
        if (!float.IsFinite(TensorPrimitives.SumOfMagnitudes(embedding)))
        {
            throw new ArgumentException("The embedding has an element that is NaN, infinite or too large.", nameof(embedding));
        }

        Dimensions = embedding.Length;
        int size = _options.Precision switch { EmbeddingPrecision.Full => 4, EmbeddingPrecision.Half => 2, _ => 1 };
        Array.Resize(ref _row, Dimensions * size);
        (double norm, float scale) = _options.Precision switch
        {
            EmbeddingPrecision.Full => EmbeddingEncoder.ToSingles(embedding, _row),
            EmbeddingPrecision.Half => EmbeddingEncoder.ToHalves(embedding, _row),
            _ => EmbeddingEncoder.ToBytes(embedding, _row),
        };
        _embeddings.Append(_row);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, norm);
        _norms.Append(bytes);
        BinaryPrimitives.WriteSingleLittleEndian(bytes, scale);
        _scales.Append(bytes[..sizeof(float)]);

        BinaryPrimitives.WriteInt64LittleEndian(bytes, _prompts.Length);
        _promptOffsets.Append(bytes);
        if (_options.KeepPrompts && prompt is not null)
        {
            _anyPrompt = true;
            _prompts.Append(Encoding.UTF8.GetBytes(prompt));
        }

        Count++;
    }

    private int IndexOf(string model, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(model, parameter);
        if (!_modelIndexes.TryGetValue(model, out int index))
        {
            index = _models.Count;
            if (index == BattleIndexFormat.MaxModels)
            {
                throw new ArgumentException($"An index has {BattleIndexFormat.MaxModels} models at most.", parameter);
            }

            _models.Add(model);
            _modelIndexes.Add(model, index);
        }

        return index;
    }

    private SafetensorsWriter Write()
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("An index needs at least one row.");
        }

        SafetensorsWriter writer = new();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        SafetensorsType type = _options.Precision switch { EmbeddingPrecision.Full => SafetensorsType.F32, EmbeddingPrecision.Half => SafetensorsType.F16, _ => SafetensorsType.I8 };
        Add(BattleIndexFormat.Embeddings, type, [Count, Dimensions], _embeddings);
        Add(BattleIndexFormat.Norms, SafetensorsType.F64, [Count], _norms);
        if (type != SafetensorsType.F32)
        {
            Add(BattleIndexFormat.Scales, SafetensorsType.F32, [Count], _scales);
        }

        if (_scores.Count > 0)
        {
            Add(BattleIndexFormat.Scores, SafetensorsType.F32, [Count, _models.Count], ScoreTable());
        }
        else
        {
            Add(BattleIndexFormat.ModelA, SafetensorsType.U16, [Count], _modelA);
            Add(BattleIndexFormat.ModelB, SafetensorsType.U16, [Count], _modelB);
            Add(BattleIndexFormat.Winner, SafetensorsType.U8, [Count], _winners);
        }

        if (_anyPrompt)
        {
            ByteChunks offsets = new();
            foreach (ReadOnlyMemory<byte> chunk in _promptOffsets.Chunks())
            {
                offsets.Append(chunk.Span);
            }

            Span<byte> end = stackalloc byte[sizeof(long)];
            BinaryPrimitives.WriteInt64LittleEndian(end, _prompts.Length);
            offsets.Append(end);
            Add(BattleIndexFormat.Prompts, SafetensorsType.U8, [_prompts.Length], _prompts);
            Add(BattleIndexFormat.PromptOffsets, SafetensorsType.I64, [Count + 1], offsets);
        }

        string models = ModelsAsJson();
        hash.AppendData(Encoding.UTF8.GetBytes(models));
        foreach ((string key, string value) in _options.Provenance)
        {
            writer.Metadata[key] = value;
        }

        writer.Metadata[BattleIndexFormat.KindKey] = BattleIndexFormat.Kind;
        writer.Metadata[BattleIndexFormat.VersionKey] = BattleIndexFormat.Version;
        writer.Metadata[BattleIndexFormat.ModelsKey] = models;
        writer.Metadata[BattleIndexFormat.FingerprintKey] = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (_options.Embedder is { } embedder)
        {
            writer.Metadata[BattleIndexFormat.EmbedderKey] = embedder;
        }

        return writer;

        void Add(string name, SafetensorsType type, ReadOnlySpan<long> shape, ByteChunks data)
        {
            writer.Add(name, type, shape, data.WriteTo);
            foreach (ReadOnlyMemory<byte> chunk in data.Chunks())
            {
                hash.AppendData(chunk.Span);
            }
        }
    }

    private ByteChunks ScoreTable()
    {
        // A model may have come up first in a later row, so that early rows are short.
        ByteChunks table = new();
        float[] missing = new float[_models.Count];
        Array.Fill(missing, float.NaN);
        foreach (float[] row in _scores)
        {
            table.Append(MemoryMarshal.AsBytes<float>(row));
            table.Append(MemoryMarshal.AsBytes<float>(missing.AsSpan(row.Length)));
        }

        return table;
    }

    private string ModelsAsJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartArray();
            _models.ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    private static void AppendUInt16(ByteChunks chunks, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        chunks.Append(bytes);
    }
}
