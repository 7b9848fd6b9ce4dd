using System.Numerics.Tensors;
using Microsoft.Extensions.AI;

namespace RouteLLM.Onnx;

/// <summary>Embeds texts with a sentence-embedding model that runs in process on ONNX Runtime: no service, no key, no price.</summary>
/// <remarks>
/// <para>
/// It serves as any other generator does, for nearest neighbours, similarity-weighted ranking, clusters and matrix factorisations. Models of sentence-transformers and their like are read as the files beside them say;
/// the rest is in <see cref="OnnxEmbeddingOptions"/>. As for classifiers, the text of a special token inside a text is plain text; see <see cref="PromptTokenizerOptions"/>.
/// </para>
/// <para>
/// Thread-safe: concurrent calls share one session, in batches (see <see cref="BatchingOptions"/>); a vector depends on what it was batched with in its last digits only. Disposing waits for calls that were let in.
/// <see cref="GetService"/> answers for the generator itself, its <see cref="EmbeddingGeneratorMetadata"/>, its <see cref="OnnxModel"/> and its <see cref="PromptTokenizer"/>.
/// </para>
/// </remarks>
public sealed class OnnxEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>, IAsyncDisposable
{
    private readonly TextEncoder _encoder;
    private readonly string? _instruction;
    private readonly bool _normalize;
    private readonly EmbeddingGeneratorMetadata _metadata;

    private OnnxEmbeddingGenerator(TextEncoder encoder, string modelId, int dimensions, bool normalize, string? instruction)
    {
        _encoder = encoder;
        _instruction = instruction;
        _normalize = normalize;
        _metadata = new EmbeddingGeneratorMetadata("ONNX Runtime", null, modelId, dimensions);
        ModelId = modelId;
        Dimensions = dimensions;
    }

    /// <summary>Gets the id of the model.</summary>
    public string ModelId { get; }

    /// <summary>Gets the number of dimensions.</summary>
    public int Dimensions { get; }

    /// <summary>Loads a model, and runs it once, so that the first text finds it warm and what is wrong with it shows now.</summary>
    /// <param name="path">The folder of the exported model (<c>model.onnx</c>, the tokenizer's files), or its .onnx file with the others beside it.</param>
    /// <param name="options">Pooling, tokens, batches and more; the defaults if <see langword="null"/>.</param>
    /// <returns>The generator, which the caller disposes.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is empty, or an option is out of range.</exception>
    /// <exception cref="OnnxRuntimeNotFoundException">The application has no native ONNX Runtime.</exception>
    /// <exception cref="OnnxModelException">A part is missing or damaged, or parts contradict each other.</exception>
    public static OnnxEmbeddingGenerator Load(string path, OnnxEmbeddingOptions? options = null)
    {
        options ??= new OnnxEmbeddingOptions();
        OnnxModel model = OnnxModel.Load(path, options.Model);
        try
        {
            ModelConfiguration configuration = ModelConfiguration.Load(model.Folder);
            SentenceTransformerFiles files = SentenceTransformerFiles.Load(model.Folder);
            OnnxTensorInfo output = model.Output("sentence_embedding", "last_hidden_state", "token_embeddings");
            if (output.Name == "logits" && options.Model?.OutputName is null)
            {
                throw model.Problem($"its output {output.Description} is what a classifier or a language model gives, and no vector of a text. Export it for feature extraction; if it is a vector all the same, choose it in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}.");
            }

            EmbeddingPooling pooling = Pooling(model, output, files, options);
            (TextEncoder encoder, float[] first) = TextEncoder.Load(
                typeof(OnnxEmbeddingGenerator), model, configuration, output, TokenPooling.Reader(pooling), options.Tokenizer, options.MaxTokens, files.MaxTokens, options.Batching);
            string modelId = options.ModelId ?? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(model.Folder)));
            var generator = new OnnxEmbeddingGenerator(encoder, modelId, first.Length, options.Normalize ?? files.Normalize ?? true, options.Instruction);
            _ = generator.Finish(first, first.Length);
            return generator;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Embeds texts; many of them in full batches of like length.</summary>
    /// <param name="values">The texts: any characters, any length; what is longer than the model reads is cut off behind.</param>
    /// <param name="options">
    /// Options, of which <see cref="EmbeddingGenerationOptions.Dimensions"/> is heeded: fewer than the model has are the first ones, and normalised again, which is of use with models trained for it (Matryoshka).
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>One vector a text, in the order of <paramref name="values"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="values"/> or one of its texts is <see langword="null"/>.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More dimensions are asked for than the model has.</exception>
    /// <exception cref="OnnxQueueFullException">Too many texts wait for the model.</exception>
    /// <exception cref="OnnxModelException">The model cannot be run on a text, or gives no numbers.</exception>
    /// <exception cref="ObjectDisposedException">The generator is disposed.</exception>
    public async Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        int dimensions = options?.Dimensions ?? Dimensions;
        if (dimensions < 1 || dimensions > Dimensions)
        {
            throw new ArgumentOutOfRangeException(nameof(options), dimensions, $"A vector of the model '{ModelId}' has 1 to {Dimensions} dimensions.");
        }

        string[] texts = [.. values.Select(text => text is null ? throw new ArgumentNullException(nameof(values), "A text is null.") : _instruction + text)];
        IReadOnlyList<float[]> vectors = await _encoder.EncodeManyAsync(texts, cancellationToken).ConfigureAwait(false);
        return new GeneratedEmbeddings<Embedding<float>>(vectors.Select(vector => new Embedding<float>(Finish(vector, dimensions)) { ModelId = ModelId }));
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(OnnxModel) ? _encoder.Model
            : serviceType == typeof(PromptTokenizer) ? _encoder.Tokenizer
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _encoder.DisposeAsync();

    private static EmbeddingPooling Pooling(OnnxModel model, OnnxTensorInfo output, SentenceTransformerFiles files, OnnxEmbeddingOptions options)
    {
        if (output.Shape.Count == 2)
        {
            return options.Pooling is null ? EmbeddingPooling.Mean : throw model.Problem(
                $"its output {output.Description} is one vector a text already. Leave out {nameof(OnnxEmbeddingOptions)}.{nameof(OnnxEmbeddingOptions.Pooling)}, or choose the output of tokens in {nameof(OnnxModelOptions)}.{nameof(OnnxModelOptions.OutputName)}.");
        }

        if (files.UnknownModule is { } module)
        {
            throw model.Problem($"its modules.json has a part '{module}' behind the output {output.Description}, which is not known here. Export the whole pipeline, so that the model has the output sentence_embedding.");
        }

        return options.Pooling ?? files.Pooling ?? (files.UnknownPooling is { } unknown
            ? throw model.Problem($"its 1_Pooling/config.json asks for pooling by {unknown}, which is not known here. Export the whole pipeline, so that the model has the output sentence_embedding, or choose in {nameof(OnnxEmbeddingOptions)}.{nameof(OnnxEmbeddingOptions.Pooling)}.")
            : EmbeddingPooling.Mean);
    }

    private float[] Finish(float[] vector, int dimensions)
    {
        float[] result = dimensions == vector.Length ? vector : vector[..dimensions];
        float norm = TensorPrimitives.Norm<float>(result);
        if (!float.IsFinite(norm))
        {
            throw _encoder.Model!.Problem("it gave a vector with a component that is not a finite number. Models that were converted to 16 bits overflow so; export it in 32 bits.");
        }

        // As in PyTorch's normalize, a vector of zeros stays one.
        if (_normalize)
        {
            TensorPrimitives.Divide(result, MathF.Max(norm, 1e-12f), result);
        }

        return result;
    }
}
