using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using RouteLLM.Onnx;

namespace RouteLLM.Benchmarks;

/// <summary>The sentence-embedding model of the benchmarks, and a program that calls it through ONNX Runtime directly, as one would write without this library.</summary>
/// <remarks>Its folder is that of the environment variable <c>ROUTELLM_EMBEDDING_MODEL</c>, or <c>shared/models/all-minilm-l6-v2-int8</c> beside the repository.</remarks>
internal sealed class SentenceEmbeddingModel : IDisposable
{
    private const string Variable = "ROUTELLM_EMBEDDING_MODEL";
    private const int MaxTokens = 256;

    private static readonly string[] s_inputs = ["input_ids", "attention_mask", "token_type_ids"];
    private static readonly string[] s_outputs = ["last_hidden_state"];

    private readonly InferenceSession _session = new(Path.Combine(Folder, "model.onnx"));
    private readonly RunOptions _options = new();
    private readonly PromptTokenizer _tokenizer;

    public SentenceEmbeddingModel(PromptTokenizer tokenizer) => _tokenizer = tokenizer;

    public static string Folder { get; } = Find();

    /// <summary>Twelve tokens or so.</summary>
    public static string[] ShortPrompts { get; } =
    [
        "What is the capital of Australia?", "Translate 'good morning' into Spanish.", "thanks, that helped!", "Write fizzbuzz in Python.", "Who wrote The Brothers Karamazov?",
        "Is 91 a prime number?", "Summarise this in one sentence.", "Fix the typo in this line.",
    ];

    /// <summary>From three tokens to some two hundred.</summary>
    public static string[] MixedPrompts { get; } =
    [
        .. ShortPrompts,
        "Our payment service retries failed charges, and since last week a few customers are charged twice. We use an outbox table and a worker that polls it every second; the worker runs on three nodes and takes a row lock. How can two workers pick up the same row?",
        string.Join(' ', Enumerable.Repeat("Explain, step by step and with an example, how a bloom filter trades memory for false positives, and when a cuckoo filter does better.", 6)),
    ];

    public static OnnxEmbeddingGenerator Load(BatchingOptions? batching = null) => OnnxEmbeddingGenerator.Load(Folder, new OnnxEmbeddingOptions { MaxTokens = MaxTokens, Batching = batching });

    public float[] Embed(string text)
    {
        ReadOnlySpan<int> tokens = _tokenizer.Encode(text).Ids.Span;
        long[] shape = [1, tokens.Length];
        var ids = new long[tokens.Length];
        var mask = new long[tokens.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = tokens[i];
            mask[i] = 1;
        }

        using OrtValue idValue = OrtValue.CreateTensorValueFromMemory(ids, shape);
        using OrtValue maskValue = OrtValue.CreateTensorValueFromMemory(mask, shape);
        using OrtValue typeValue = OrtValue.CreateTensorValueFromMemory(new long[ids.Length], shape);
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, s_inputs, [idValue, maskValue, typeValue], s_outputs);
        ReadOnlySpan<float> states = outputs[0].GetTensorDataAsSpan<float>();
        var vector = new float[states.Length / ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            TensorPrimitives.Add(vector, states.Slice(i * vector.Length, vector.Length), vector);
        }

        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } stated)
        {
            return stated;
        }

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine(folder.FullName, "shared", "models", "all-minilm-l6-v2-int8");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        throw new DirectoryNotFoundException($"These benchmarks need all-MiniLM-L6-v2 as ONNX: set {Variable} to its folder.");
    }
}
