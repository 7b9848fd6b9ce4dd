namespace RouteLLM.Onnx;

/// <summary>Routes by a causal language model, fine-tuned to answer with a score token, that runs in process on ONNX Runtime.</summary>
/// <remarks>
/// <para>
/// It is the causal LLM router of RouteLLM (Ong et al., "RouteLLM: Learning to Route LLMs with Preference Data", 2024, section 4.2): the model is asked how good an answer of the weak model would be, from 1 to 5, and generates greedily
/// until a score token comes. A softmax over the logits of the score tokens alone, at that step, gives each score's probability, and the win probability is 1 less that of a score of at least 4
/// (<see cref="CausalClassifierOptions.ScoreThreshold"/>). If no score comes within six tokens, it is 1: the strong model answers.
/// </para>
/// <para>
/// Unlike there, the softmax takes exactly the score tokens, also where the model's vocabulary is padded, and the text of a special token inside a prompt (<c>&lt;|eot_id|&gt;</c>, <c>[[5]]</c>) is plain text, so that a prompt
/// cannot steer its router; see <see cref="PromptTokenizerOptions"/>.
/// </para>
/// <para>
/// Models with key-value-cache inputs (<c>past_key_values.*</c>, with outputs <c>present.*</c>) read the prompt once and then a token a step; models without read everything at every step. Thread-safe. Disposing waits for predictions
/// that were let in. <see cref="GetService"/> answers for the router itself, its <see cref="RouterMetadata"/>, its <see cref="OnnxModel"/> and its <see cref="PromptTokenizer"/>.
/// </para>
/// </remarks>
public sealed class CausalClassifierRouter : IBatchRouter, IDisposable, IAsyncDisposable
{
    private readonly OnnxModel _model;
    private readonly CausalPrompt _prompt;
    private readonly DynamicBatcher<ReadOnlyMemory<int>, double> _queue;
    private readonly Lazy<RouterMetadata> _metadata;

    private CausalClassifierRouter(OnnxModel model, CausalPrompt prompt, ScoreGenerator generator, CausalClassifierOptions options)
    {
        (string name, string? strongModel, string? weakModel) = (options.Name, options.StrongModel, options.WeakModel);
        _model = model;
        _prompt = prompt;
        _queue = new DynamicBatcher<ReadOnlyMemory<int>, double>(
            typeof(CausalClassifierRouter), options.Batching ?? new BatchingOptions(), static ids => ids.Length, (prompts, token) => [.. prompts.Select(ids => generator.WinProbability(ids.Span, token))], largestBatch: 1);
        _metadata = new Lazy<RouterMetadata>(() => new RouterMetadata(name, strongModel, weakModel, model.Fingerprint));
    }

    /// <summary>Loads a model, and runs it once, so that the first prompt finds it warm and what is wrong with it shows now.</summary>
    /// <param name="path">
    /// The folder of the exported model (<c>model.onnx</c>, <c>tokenizer.json</c>, <c>config.json</c>, the two messages and, unless it is Llama 3's, <c>prompt_format.json</c>), or its .onnx file with the others beside it.
    /// </param>
    /// <param name="options">Messages, scores, tokens and more; the defaults if <see langword="null"/>.</param>
    /// <returns>The router, which the caller disposes.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or an option is out of range.</exception>
    /// <exception cref="OnnxRuntimeNotFoundException">The application has no native ONNX Runtime.</exception>
    /// <exception cref="OnnxModelException">A part is missing or damaged, or parts contradict each other.</exception>
    public static CausalClassifierRouter Load(string path, CausalClassifierOptions? options = null)
    {
        options ??= new CausalClassifierOptions();
        options.Validate();
        OnnxModel model = OnnxModel.Load(path, options.Model);
        try
        {
            ModelConfiguration configuration = ModelConfiguration.Load(model.Folder);
            PromptTokenizer tokenizer = PromptTokenizer.Load(model.Folder, WithScores(options));
            var generator = new ScoreGenerator(new CausalSession(model), ScoreIds(options, tokenizer, model), configuration.EndOfTextIds, options);
            var prompt = new CausalPrompt(tokenizer, CausalPromptFormat.Load(model.Folder), LongestRequest(options, tokenizer, configuration, model), options, model);
            _ = generator.WinProbability(prompt.Encode("Hello!").Span, CancellationToken.None);
            return new CausalClassifierRouter(model, prompt, generator, options);
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
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlyMemory<int> ids = await OffThread.TokenizeAsync(request.Prompt, _prompt.Encode, cancellationToken).ConfigureAwait(false);
        return await _queue.RunAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentNullException"><paramref name="requests"/> is <see langword="null"/>.</exception>
    /// <exception cref="OnnxQueueFullException">Too many prompts wait for the model.</exception>
    /// <exception cref="OnnxModelException">The model cannot be run on a prompt, or gives no number.</exception>
    /// <exception cref="ObjectDisposedException">The router is disposed.</exception>
    public async ValueTask<IReadOnlyList<double>> PredictWinProbabilitiesAsync(IReadOnlyList<RouteRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        cancellationToken.ThrowIfCancellationRequested();
        ReadOnlyMemory<int>[] ids = await OffThread.TokenizeAsync([.. requests.Select(static request => request.Prompt)], _prompt.Encode, cancellationToken).ConfigureAwait(false);
        return await _queue.RunManyAsync(ids, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(RouterMetadata) ? _metadata.Value
            : serviceType == typeof(OnnxModel) ? _model
            : serviceType == typeof(PromptTokenizer) ? _prompt.Tokenizer
            : null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _queue.Dispose();
        _model.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _queue.DisposeAsync().ConfigureAwait(false);
        _model.Dispose();
    }

    // A score in a prompt is never the token, whether or not the tokenizer calls it special.
    private static PromptTokenizerOptions WithScores(CausalClassifierOptions options)
    {
        PromptTokenizerOptions given = options.Tokenizer ?? new PromptTokenizerOptions();
        return new PromptTokenizerOptions
        {
            NeutralizeSpecialTokens = given.NeutralizeSpecialTokens,
            AdditionalSpecialTokens = [.. given.AdditionalSpecialTokens, .. options.ScoreTokens],
            MaxLength = given.MaxLength,
        };
    }

    private static int[] ScoreIds(CausalClassifierOptions options, PromptTokenizer tokenizer, OnnxModel model) =>
    [
        .. options.ScoreTokens.Select(token => tokenizer.FindAddedToken(token) ?? throw model.Problem(
            $"its tokenizer has no token '{token}', one of the scores it is to answer with. Give the folder of a model that was fine-tuned for routing, or say which tokens are scores in {nameof(CausalClassifierOptions)}.{nameof(CausalClassifierOptions.ScoreTokens)}.")),
    ];

    private static int? LongestRequest(CausalClassifierOptions options, PromptTokenizer tokenizer, ModelConfiguration configuration, OnnxModel model)
    {
        int? positions = configuration.MaxTokens - options.MaxNewTokens;
        if (options.MaxTokens > positions)
        {
            throw model.Problem($"requests of up to {options.MaxTokens} tokens were asked for, and with {options.MaxNewTokens} for the answer it takes {positions}. Lower {nameof(CausalClassifierOptions)}.{nameof(CausalClassifierOptions.MaxTokens)}, or leave it out.");
        }

        int? said = options.MaxTokens ?? tokenizer.MaxLength;
        return said < positions || positions is null ? said : positions;
    }
}
