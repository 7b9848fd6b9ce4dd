namespace RouteLLM.Onnx;

/// <summary>Routes by a text classifier (BERT, RoBERTa, XLM-RoBERTa, ModernBERT and the like) that runs in process on ONNX Runtime.</summary>
/// <remarks>
/// <para>
/// It is the BERT router of RouteLLM (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 4.2): of three labels, the win probability is 1 less the probabilities of the last two, so a tie is not a win.
/// Models with other labels are read as <see cref="BertClassifierOptions.StrongLabels"/> and <see cref="BertClassifierOptions.Activation"/> say. Unlike there, the text of a special token inside a prompt is plain text,
/// so that a prompt cannot steer its router; see <see cref="PromptTokenizerOptions"/>.
/// </para>
/// <para>
/// Thread-safe: concurrent predictions share one session, in batches (see <see cref="BatchingOptions"/>). Disposing waits for predictions that were let in. <see cref="GetService"/> answers for the router itself, its
/// <see cref="RouterMetadata"/>, its <see cref="OnnxModel"/> and its <see cref="PromptTokenizer"/>.
/// </para>
/// </remarks>
public sealed class BertClassifierRouter : IBatchRouter, IDisposable, IAsyncDisposable
{
    private readonly TextEncoder _encoder;
    private readonly LabelMapping _mapping;
    private readonly Lazy<RouterMetadata> _metadata;

    internal BertClassifierRouter(TextEncoder encoder, LabelMapping mapping, BertClassifierOptions options)
    {
        (string name, string? strongModel, string? weakModel) = (options.Name, options.StrongModel, options.WeakModel);
        _encoder = encoder;
        _mapping = mapping;
        _metadata = new Lazy<RouterMetadata>(() => new RouterMetadata(name, strongModel, weakModel, encoder.Model?.Fingerprint));
    }

    /// <summary>Loads a classifier, and runs it once, so that the first prompt finds it warm and what is wrong with it shows now.</summary>
    /// <param name="path">The folder of the exported model (<c>model.onnx</c>, the tokenizer's files, <c>config.json</c>), or its .onnx file with the others beside it.</param>
    /// <param name="options">Labels, tokens, batches and more; the defaults if <see langword="null"/>.</param>
    /// <returns>The router, which the caller disposes.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or an option is out of range.</exception>
    /// <exception cref="OnnxRuntimeNotFoundException">The application has no native ONNX Runtime.</exception>
    /// <exception cref="OnnxModelException">A part is missing or damaged, or parts contradict each other.</exception>
    public static BertClassifierRouter Load(string path, BertClassifierOptions? options = null)
    {
        options ??= new BertClassifierOptions();
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Name);
        OnnxModel model = OnnxModel.Load(path, options.Model);
        try
        {
            ModelConfiguration configuration = ModelConfiguration.Load(model.Folder);
            OnnxTensorInfo output = model.Output("logits");
            if (output.Shape.Count is not (0 or 2))
            {
                throw model.Problem($"its output {output.Description} is not of shape [batch, labels]. Export it for text classification, or choose another output in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}.");
            }

            (TextEncoder encoder, float[] first) = TextEncoder.Load(
                typeof(BertClassifierRouter), model, configuration, output, static (row, _, _) => row.ToArray(), options.Tokenizer, options.MaxTokens, usualTokens: null, options.Batching);
            var mapping = new LabelMapping(model, first.Length, configuration, options);
            _ = mapping.WinProbability(first);
            return new BertClassifierRouter(encoder, mapping, options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is <see langword="null"/>.</exception>
    /// <exception cref="OnnxQueueFullException">Too many prompts wait for the model.</exception>
    /// <exception cref="OnnxModelException">The model cannot be run on the prompt, or gives no number.</exception>
    /// <exception cref="ObjectDisposedException">The router is disposed.</exception>
    public async ValueTask<double> PredictWinProbabilityAsync(RouteRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _mapping.WinProbability(await _encoder.EncodeAsync(request.Prompt, cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    /// <remarks>Prompts run in full batches of like length.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="requests"/> is <see langword="null"/>.</exception>
    /// <exception cref="OnnxQueueFullException">Too many prompts wait for the model.</exception>
    /// <exception cref="OnnxModelException">The model cannot be run on a prompt, or gives no number.</exception>
    /// <exception cref="ObjectDisposedException">The router is disposed.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        IReadOnlyList<float[]> logits = await _encoder.EncodeManyAsync([.. requests.Select(static request => request.Prompt)], cancellationToken).ConfigureAwait(false);
        return [.. logits.Select(row => _mapping.WinProbability(row))];
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(RouterMetadata) ? _metadata.Value
            : serviceType == typeof(OnnxModel) ? _encoder.Model
            : serviceType == typeof(PromptTokenizer) ? _encoder.Tokenizer
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _encoder.DisposeAsync();
}
