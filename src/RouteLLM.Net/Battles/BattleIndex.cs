using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;

namespace RouteLLM;

/// <summary>
/// Embedded prompts and what came of them: battles of two models, or scores of several. What <see cref="SimilarityWeightedRouter"/> and <see cref="NearestNeighborRouter"/> search.
/// </summary>
/// <remarks>
/// <para>
/// One safetensors file, memory-mapped: opening one reads its header only, and the operating system keeps in memory what is searched. Every bound is checked on opening and what
/// the rows hold when it is read, so that a damaged file is refused and never read beyond. The file must not be cut short while it is open; replacing it, as
/// <see cref="BattleIndexBuilder.Save"/> does, is safe.
/// </para>
/// <para>
/// Thread-safe, <see cref="Dispose"/> included: a search under way finishes, one begun later throws <see cref="ObjectDisposedException"/>. Make one with
/// <see cref="BattleIndexBuilder"/>.
/// </para>
/// </remarks>
public sealed class BattleIndex : IDisposable
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly MappedSafetensors _file;
    private readonly EmbeddingColumn _embeddings;
    private readonly MappedTensor? _prompts;
    private readonly MappedTensor? _promptOffsets;
    private readonly MappedTensor? _modelA;
    private readonly MappedTensor? _modelB;
    private readonly MappedTensor? _winner;
    private readonly MappedTensor? _scores;
    private readonly string[] _models;
    private SimilarityScan? _idleScan;
    private IReadOnlyDictionary<string, double>? _ratings;

    private BattleIndex(MappedSafetensors file)
    {
        _file = file;
        Require(BattleIndexFormat.KindKey, BattleIndexFormat.Kind);
        Require(BattleIndexFormat.VersionKey, BattleIndexFormat.Version);
        _models = ReadModels();
        _embeddings = new EmbeddingColumn(file);
        if (file.Contains(BattleIndexFormat.Scores))
        {
            _scores = file.GetTensor(BattleIndexFormat.Scores, [SafetensorsType.F32], Count, _models.Length);
        }
        else
        {
            _modelA = file.GetTensor(BattleIndexFormat.ModelA, [SafetensorsType.U16], Count);
            _modelB = file.GetTensor(BattleIndexFormat.ModelB, [SafetensorsType.U16], Count);
            _winner = file.GetTensor(BattleIndexFormat.Winner, [SafetensorsType.U8], Count);
        }

        if (file.Contains(BattleIndexFormat.Prompts))
        {
            _prompts = file.GetTensor(BattleIndexFormat.Prompts, [SafetensorsType.U8], -1);
            _promptOffsets = file.GetTensor(BattleIndexFormat.PromptOffsets, [SafetensorsType.I64], Count + 1);
        }

        Metadata = new ReadOnlyDictionary<string, string>(new Dictionary<string, string>(file.Metadata, StringComparer.Ordinal));
    }

    /// <summary>Gets the number of rows: battles, or prompts with scores.</summary>
    public int Count => _embeddings.Count;

    /// <summary>Gets the number of dimensions of the embeddings.</summary>
    public int Dimensions => _embeddings.Dimensions;

    /// <summary>Gets the names of the models.</summary>
    public IReadOnlyList<string> Models => _models;

    /// <summary>Gets what made the embeddings, or <see langword="null"/> if the index does not say.</summary>
    public string? Embedder => Metadata.GetValueOrDefault(BattleIndexFormat.EmbedderKey);

    /// <summary>Gets how many bits of the embeddings are kept.</summary>
    public EmbeddingPrecision Precision => _embeddings.DType switch
    {
        SafetensorsType.F32 => EmbeddingPrecision.Full,
        SafetensorsType.F16 => EmbeddingPrecision.Half,
        _ => EmbeddingPrecision.Byte,
    };

    /// <summary>Gets a value indicating whether rows hold scores of models; else each is a battle of two.</summary>
    public bool HasScores => _scores is not null;

    /// <summary>Gets a value indicating whether the prompts' texts are kept.</summary>
    public bool HasPrompts => _prompts is not null;

    /// <summary>Gets the hash of what the index holds, in lower-case hexadecimal, as its builder wrote it; <see langword="null"/> if another program made it without.</summary>
    public string? Fingerprint => Metadata.GetValueOrDefault(BattleIndexFormat.FingerprintKey);

    /// <summary>Gets what the index says of itself, such as the source of its data.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Gets the file's path, or what the caller called it, or <see langword="null"/>.</summary>
    public string? Name => _file.Name;

    internal EmbeddingColumn Embeddings => _embeddings;

    internal MappedMemory Memory => _file.Memory;

    /// <summary>Opens an index on disk by mapping it into memory.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The index; dispose of it to close the file.</returns>
    /// <exception cref="InvalidArtifactException">The file is damaged or holds something else.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static BattleIndex Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(MappedSafetensors.Open(path));
    }

    /// <summary>Opens an index that is in memory, without copying it.</summary>
    /// <param name="data">The whole file. It must not change while the index is in use.</param>
    /// <param name="name">What to call it in messages, or <see langword="null"/>.</param>
    /// <returns>The index.</returns>
    /// <exception cref="InvalidArtifactException">The bytes are damaged or hold something else.</exception>
    public static BattleIndex Parse(ReadOnlyMemory<byte> data, string? name = null) => Open(MappedSafetensors.Parse(data, name));

    /// <summary>Computes the cosine of an embedding with every row, on all processors.</summary>
    /// <param name="embedding">The embedding, <c>[Dimensions]</c>.</param>
    /// <param name="similarities">Receives the cosines, <c>[Count]</c>; 0 where either vector is zero.</param>
    /// <exception cref="ArgumentException">A length is not as stated, or the embedding is not finite.</exception>
    /// <exception cref="InvalidArtifactException">A row is damaged.</exception>
    /// <exception cref="ObjectDisposedException">The index is closed.</exception>
    public void ComputeSimilarities(ReadOnlySpan<float> embedding, Span<double> similarities)
    {
        if (embedding.Length != Dimensions)
        {
            throw new ArgumentException($"The embedding has {embedding.Length} dimensions, but the index was made for {Dimensions}. Use the embedder it was made with.", nameof(embedding));
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(similarities.Length, Count);
        using PooledArray<double> pooled = new(Count);
        Scan(embedding, null, pooled.Array, Count);
        pooled.Span.CopyTo(similarities);
    }

    /// <summary>Gets the battle of a row, with its prompt if prompts are kept.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The battle.</returns>
    /// <exception cref="InvalidOperationException">The index holds scores.</exception>
    /// <exception cref="InvalidArtifactException">The row is damaged.</exception>
    public Battle GetBattle(int row)
    {
        CheckRow(row);
        using MappedMemory.Lease lease = Memory.Borrow();
        (int a, int b, BattleWinner winner) = ReadBattle(row);
        return new Battle(_models[a], _models[b], winner, ReadPrompt(row));
    }

    /// <summary>Gets the scores of a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The scores in [0, 1] by the models' names; models without one are left out.</returns>
    /// <exception cref="InvalidOperationException">The index holds battles.</exception>
    /// <exception cref="InvalidArtifactException">The row is damaged.</exception>
    public IReadOnlyDictionary<string, double> GetScores(int row)
    {
        CheckRow(row);
        using MappedMemory.Lease lease = Memory.Borrow();
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        for (int model = 0; model < _models.Length; model++)
        {
            if (ReadScore(row, model) is { } score)
            {
                scores.Add(_models[model], score);
            }
        }

        return scores;
    }

    /// <summary>Gets the prompt of a row.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <returns>The prompt, or <see langword="null"/> if it is not kept.</returns>
    /// <exception cref="InvalidArtifactException">The row is damaged.</exception>
    public string? GetPrompt(int row)
    {
        CheckRow(row);
        using MappedMemory.Lease lease = Memory.Borrow();
        return ReadPrompt(row);
    }

    /// <summary>Copies the embedding of a row, as precise as the index keeps it.</summary>
    /// <param name="row">The row, from 0.</param>
    /// <param name="destination">Receives the embedding, <c>[Dimensions]</c>.</param>
    public void CopyEmbedding(int row, Span<float> destination)
    {
        CheckRow(row);
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, Dimensions);
        using MappedMemory.Lease lease = Memory.Borrow();
        _embeddings.CopyTo(row, destination);
    }

    /// <summary>Fits Elo ratings to all battles, each weighing the same; fitted once and kept.</summary>
    /// <returns>The ratings by the models' names; see <see cref="BattleRatings.Fit"/>.</returns>
    /// <exception cref="InvalidOperationException">The index holds scores.</exception>
    /// <exception cref="InvalidArtifactException">A row is damaged.</exception>
    public IReadOnlyDictionary<string, double> FitRatings()
    {
        if (_ratings is { } ratings)
        {
            return ratings;
        }

        var counts = new BattleCounts();
        using MappedMemory.Lease lease = Memory.Borrow();
        for (int row = 0; row < Count; row++)
        {
            (int a, int b, BattleWinner winner) = ReadBattle(row);
            counts.Add(_models[a], _models[b], winner);
        }

        return _ratings = counts.Fit();
    }

    /// <summary>Closes the file, once searches under way have finished.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Computes the cosine of an embedding of the right length with rows, or all where these are <see langword="null"/>.</summary>
    internal void Scan(ReadOnlySpan<float> embedding, int[]? rows, double[] similarities, int count)
    {
        using MappedMemory.Lease lease = Memory.Borrow();
        SimilarityScan scan = Interlocked.Exchange(ref _idleScan, null) ?? new SimilarityScan(_embeddings);
        scan.Run(embedding, rows, similarities, count);
        _idleScan = scan;
    }

    /// <summary>Reads a battle; the memory must be borrowed.</summary>
    internal (int ModelA, int ModelB, BattleWinner Winner) ReadBattle(int row)
    {
        if (_modelA is null || _modelB is null || _winner is null)
        {
            throw new InvalidOperationException($"The index{(Name is null ? "" : $" '{Name}'")} holds scores, not battles.");
        }

        int a = _modelA.Slice<ushort>(row, 1)[0];
        int b = _modelB.Slice<ushort>(row, 1)[0];
        byte winner = _winner.Slice<byte>(row, 1)[0];
        return a >= _models.Length || b >= _models.Length || a == b
            ? throw _modelA.Invalid($"row {row} is a battle of models {a} and {b}; expected two different ones of 0 to {_models.Length - 1}. The file is damaged: fetch it or build the index again.")
            : winner > (byte)BattleWinner.Tie
                ? throw _winner.Invalid($"row {row} is {winner}; expected 0 to 2. The file is damaged: fetch it or build the index again.")
                : (a, b, (BattleWinner)winner);
    }

    /// <summary>Reads a model's score, or <see langword="null"/> if it has none; the memory must be borrowed.</summary>
    internal double? ReadScore(int row, int model)
    {
        if (_scores is null)
        {
            throw new InvalidOperationException($"The index{(Name is null ? "" : $" '{Name}'")} holds battles, not scores.");
        }

        float score = _scores.Slice<float>(((long)row * _models.Length) + model, 1)[0];
        return float.IsNaN(score) ? null
            : score is >= 0 and <= 1 ? score
            : throw _scores.Invalid(FormattableString.Invariant($"row {row} has the score {score} for model {model}; expected 0 to 1. The file is damaged: fetch it or build the index again."));
    }

    /// <summary>Finds a model.</summary>
    internal int IndexOf(string model, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(model, parameter);
        int index = Array.IndexOf(_models, model);
        return index >= 0 ? index : throw new ArgumentException($"The index{(Name is null ? "" : $" '{Name}'")} does not know the model '{model}'. It has {string.Join(", ", _models)}.", parameter);
    }

    private static BattleIndex Open(MappedSafetensors file)
    {
        try
        {
            return new BattleIndex(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private string? ReadPrompt(int row)
    {
        if (_prompts is null || _promptOffsets is null)
        {
            return null;
        }

        ReadOnlySpan<long> offsets = _promptOffsets.Slice<long>(row, 2);
        (long begin, long end) = (offsets[0], offsets[1]);
        return begin >= 0 && begin <= end && end <= _prompts.Shape[0] && end - begin <= int.MaxValue
            ? s_utf8.GetString(_prompts.Slice<byte>(begin, (int)(end - begin)))
            : throw _promptOffsets.Invalid($"row {row} has its prompt from byte {begin} to {end} of {_prompts.Shape[0]}. The file is damaged: fetch it or build the index again.");
    }

    private void CheckRow(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
    }

    private void Require(string key, string expected)
    {
        if (_file.Metadata.GetValueOrDefault(key) is not { } value || value != expected)
        {
            string found = _file.Metadata.TryGetValue(key, out string? other) ? $"is {InvalidArtifactException.Quote(other)}" : "is missing";
            throw new InvalidArtifactException($"its metadata '{key}' {found}; expected '{expected}'. It is no battle index, or of another version: check the path, or build the index again.", Name);
        }
    }

    private string[] ReadModels()
    {
        const string Expected = "expected a JSON array of different names. Build the index again.";
        if (!_file.Metadata.TryGetValue(BattleIndexFormat.ModelsKey, out string? text))
        {
            throw new InvalidArtifactException($"its metadata '{BattleIndexFormat.ModelsKey}' is missing; {Expected}", Name);
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            string[] models = [.. json.RootElement.EnumerateArray().Select(static model => model.GetString() ?? "")];
            return models.Length is > 0 and <= BattleIndexFormat.MaxModels && !models.Contains("") && models.Distinct(StringComparer.Ordinal).Count() == models.Length
                ? models
                : throw new InvalidArtifactException($"its metadata '{BattleIndexFormat.ModelsKey}' has {models.Length} names, some empty or twice; {Expected}", Name);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new InvalidArtifactException($"its metadata '{BattleIndexFormat.ModelsKey}' is no list of names; {Expected}", Name, null, exception);
        }
    }
}
