namespace RouteLLM.Onnx;

/// <summary>From texts to one row of a model's output each: tokenizer, batcher and session in one, for classifiers and embeddings alike.</summary>
/// <remarks>Thread-safe. Disposing it waits for the calls it has let in, then releases the model.</remarks>
internal sealed class TextEncoder : IDisposable, IAsyncDisposable
{
    private readonly PromptTokenizer _tokenizer;
    private readonly Func<string, ReadOnlyMemory<int>> _tokenize;
    private readonly DynamicBatcher<ReadOnlyMemory<int>, float[]> _batcher;
    private readonly OnnxModel? _model;

    /// <param name="owner">What callers know the encoder as.</param>
    /// <param name="tokenizer">Gives ids, truncated to what the model takes.</param>
    /// <param name="run">Runs prompts together.</param>
    /// <param name="largestBatch">How many prompts a run takes at most.</param>
    /// <param name="batching">How prompts are gathered.</param>
    /// <param name="model">The model to release in the end, or <see langword="null"/>.</param>
    public TextEncoder(
        Type owner, PromptTokenizer tokenizer, Func<IReadOnlyList<ReadOnlyMemory<int>>, CancellationToken, float[][]> run, int largestBatch, BatchingOptions batching, OnnxModel? model)
    {
        _tokenizer = tokenizer;
        _tokenize = Tokenize;
        _batcher = new DynamicBatcher<ReadOnlyMemory<int>, float[]>(owner, batching, static ids => ids.Length, run, largestBatch);
        _model = model;
    }

    /// <summary>Gets the model; there is none in tests alone.</summary>
    public OnnxModel? Model => _model;

    /// <summary>Gets the tokenizer.</summary>
    public PromptTokenizer Tokenizer => _tokenizer;

    /// <summary>Gets how many prompts wait.</summary>
    public int Waiting => _batcher.Waiting;

    /// <summary>Loads tokenizer and session for a model, and runs it once, which warms it up and checks its output.</summary>
    /// <param name="owner">What callers know the encoder as.</param>
    /// <param name="model">The model, released should loading fail and when the encoder is disposed.</param>
    /// <param name="configuration">The model's configuration.</param>
    /// <param name="output">The output to read.</param>
    /// <param name="read">Takes what is wanted out of it.</param>
    /// <param name="tokenizerOptions">The tokenizer's options.</param>
    /// <param name="maxTokens">The longest prompt, in tokens, that the application asks for, or <see langword="null"/> for as much as is usual and possible.</param>
    /// <param name="usualTokens">The longest prompt that is usual with the model, or <see langword="null"/> for what the tokenizer says.</param>
    /// <param name="batching">How prompts are gathered.</param>
    /// <returns>The encoder, and what it gave for a first, short text.</returns>
    public static (TextEncoder Encoder, float[] First) Load(
        Type owner, OnnxModel model, ModelConfiguration configuration, OnnxTensorInfo output, RowReader read, PromptTokenizerOptions? tokenizerOptions, int? maxTokens, int? usualTokens, BatchingOptions? batching)
    {
        PromptTokenizer tokenizer = PromptTokenizer.Load(model.Folder, tokenizerOptions);
        var session = new EncoderSession(model, output, read, tokenizer.PadId);
        batching ??= new BatchingOptions();
        tokenizer = tokenizer.WithMaxLength(Longest(model, maxTokens, tokenizerOptions?.MaxLength ?? usualTokens ?? tokenizer.MaxLength, configuration.MaxTokens, session.MaxTokens));
        CheckVocabulary(model, configuration, tokenizer, session);
        var encoder = new TextEncoder(owner, tokenizer, session.Run, session.LargestBatch, batching, model);
        return (encoder, session.Run([encoder.Tokenize("Hello!")], CancellationToken.None)[0]);
    }

    /// <summary>Encodes a text.</summary>
    /// <exception cref="OnnxQueueFullException">Too many prompts wait.</exception>
    /// <exception cref="OnnxModelException">The model cannot be run on it.</exception>
    /// <exception cref="ObjectDisposedException">The encoder is disposed.</exception>
    public async Task<float[]> EncodeAsync(string text, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlyMemory<int> ids = await OffThread.TokenizeAsync(text, _tokenize, cancellationToken).ConfigureAwait(false);
        return await _batcher.RunAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Encodes many texts, those of like length together.</summary>
    /// <returns>One row per text, in their order.</returns>
    /// <inheritdoc cref="EncodeAsync"/>
    public async Task<IReadOnlyList<float[]>> EncodeManyAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (texts.Count <= 1)
        {
            return texts.Count == 0 ? [] : [await EncodeAsync(texts[0], cancellationToken).ConfigureAwait(false)];
        }

        ReadOnlyMemory<int>[] ids = await OffThread.TokenizeAsync(texts, _tokenize, cancellationToken).ConfigureAwait(false);
        return await _batcher.RunManyAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batcher.Dispose();
        _model?.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _batcher.DisposeAsync().ConfigureAwait(false);
        _model?.Dispose();
    }

    // Many prompts would do with a tokenizer of another model, until one has a token that the model does not know.
    private static void CheckVocabulary(OnnxModel model, ModelConfiguration configuration, PromptTokenizer tokenizer, EncoderSession session)
    {
        if (tokenizer.LargestId >= configuration.VocabularySize)
        {
            throw model.Problem($"its tokenizer has ids up to {tokenizer.LargestId}, and its {ModelConfiguration.FileName} says that it knows {configuration.VocabularySize} tokens: they do not belong together. Take both from the same export.");
        }

        _ = session.Run([new[] { tokenizer.LargestId }], CancellationToken.None);
    }

    private static int? Longest(OnnxModel model, int? wanted, int? usual, int? positions, int? shape)
    {
        int? possible = (positions, shape) is ({ } a, { } b) ? Math.Min(a, b) : positions ?? shape;
        return wanted > possible
            ? throw model.Problem($"prompts of up to {wanted} tokens were asked for, and it takes {possible}. Lower the number, or leave it out.")
            : wanted ?? (usual < possible ? usual : possible ?? usual);
    }

    private ReadOnlyMemory<int> Tokenize(string text)
    {
        // Where a tokenizer adds no special tokens, nothing is left of an empty text, and models cannot be run on nothing.
        ReadOnlyMemory<int> ids = _tokenizer.Encode(text).Ids;
        return ids.IsEmpty ? new[] { _tokenizer.PadId } : ids;
    }
}
