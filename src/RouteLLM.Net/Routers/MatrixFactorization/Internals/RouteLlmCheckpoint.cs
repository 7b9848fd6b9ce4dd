using System.Text.Json;

namespace RouteLLM;

/// <summary>Reads the matrix-factorisation checkpoints that RouteLLM publishes: <c>model.safetensors</c> and <c>config.json</c>, as its <c>save_pretrained</c> writes them.</summary>
internal static class RouteLlmCheckpoint
{
    /// <summary>What this library calls the kind; the checkpoints themselves say nothing.</summary>
    public const string Kind = "routellm-checkpoint";

    public const string ItemTensor = "P.weight";
    public const string ProjectionTensor = "text_proj.0.weight";
    public const string ClassifierTensor = "classifier.0.weight";
    public const string StrongModel = "gpt-4-1106-preview";
    public const string WeakModel = "mixtral-8x7b-instruct-v0.1";

    private const string WeightsName = "model.safetensors";
    private const string ConfigName = "config.json";
    private const int PublishedEmbeddingDimensions = 1536;
    private const string PublishedEmbedder = "text-embedding-3-small/1536";
    private const double SmallestNorm = 1e-12;

    // RouteLLM's MODEL_IDS: a model's place is its row of P.weight.
    private static readonly string[] s_models =
    [
        "RWKV-4-Raven-14B", "alpaca-13b", "chatglm-6b", "chatglm2-6b",
        "chatglm3-6b", "claude-1", "claude-2.0", "claude-2.1",
        "claude-instant-1", "codellama-34b-instruct", "deepseek-llm-67b-chat", "dolly-v2-12b",
        "dolphin-2.2.1-mistral-7b", "falcon-180b-chat", "fastchat-t5-3b", "gemini-pro",
        "gemini-pro-dev-api", "gpt-3.5-turbo-0125", "gpt-3.5-turbo-0314", "gpt-3.5-turbo-0613",
        "gpt-3.5-turbo-1106", "gpt-4-0125-preview", "gpt-4-0314", "gpt-4-0613",
        "gpt-4-1106-preview", "gpt4all-13b-snoozy", "guanaco-33b", "koala-13b",
        "llama-13b", "llama-2-13b-chat", "llama-2-70b-chat", "llama-2-7b-chat",
        "llama2-70b-steerlm-chat", "mistral-7b-instruct", "mistral-7b-instruct-v0.2", "mistral-medium",
        "mixtral-8x7b-instruct-v0.1", "mpt-30b-chat", "mpt-7b-chat", "nous-hermes-2-mixtral-8x7b-dpo",
        "oasst-pythia-12b", "openchat-3.5", "openchat-3.5-0106", "openhermes-2.5-mistral-7b",
        "palm-2", "pplx-70b-online", "pplx-7b-online", "qwen-14b-chat",
        "qwen1.5-4b-chat", "qwen1.5-72b-chat", "qwen1.5-7b-chat", "solar-10.7b-instruct-v1.0",
        "stablelm-tuned-alpha-7b", "starling-lm-7b-alpha", "stripedhyena-nous-7b", "tulu-2-dpo-70b",
        "vicuna-13b", "vicuna-33b", "vicuna-7b", "wizardlm-13b",
        "wizardlm-70b", "yi-34b-chat", "zephyr-7b-alpha", "zephyr-7b-beta",
    ];

    public static IReadOnlyList<string> Models => s_models;

    public static string WeightsPath(string path) => Directory.Exists(path) ? Path.Combine(path, WeightsName) : path;

    public static string ConfigPath(string path) => Path.Combine(Path.GetDirectoryName(WeightsPath(path)) ?? "", ConfigName);

    public static bool IsOne(SafetensorsFile file) => file.Tensors.ContainsKey(ItemTensor);

    /// <param name="file">The weights.</param>
    /// <param name="configPath">Where the configuration is, if there is one.</param>
    /// <param name="models">The models' names, or <see langword="null"/> for those of RouteLLM's table.</param>
    /// <param name="embedder">The embedder, or <see langword="null"/> for RouteLLM's own where the size fits.</param>
    /// <exception cref="InvalidArtifactException">The checkpoint cannot be used.</exception>
    public static MatrixFactorizationModel Read(SafetensorsFile file, string? configPath, IReadOnlyList<string>? models, string? embedder)
    {
        string[] names = models is null ? s_models : [.. models];
        MatrixFactorizationChecks.Models(names, nameof(models));
        SafetensorsTensor itemTensor = file.GetTensor(ItemTensor, -1, -1);
        if (itemTensor.Shape[0] != names.Length)
        {
            throw itemTensor.Invalid(
                $"it has {itemTensor.Shape[0]} models, and there are {names.Length} names{(models is null ? " in RouteLLM's table" : "")}. Give the names of the models it was trained on, in the order of its rows.");
        }

        float[] items = file.ReadSingles(ItemTensor, names.Length, -1);
        int dimensions = items.Length / names.Length;
        float[] classifier = file.ReadSingles(ClassifierTensor, 1, dimensions);
        float[] projection = MatrixFactorizationArtifact.ReadProjection(file, ProjectionTensor, dimensions);
        int embeddingDimensions = projection.Length == 0 ? dimensions : projection.Length / dimensions;
        if (configPath is not null && File.Exists(configPath))
        {
            CheckConfig(configPath, names.Length, dimensions, embeddingDimensions, projection.Length > 0);
        }

        Scale(items, classifier);
        bool hasDefaultPair = names.Contains(StrongModel) && names.Contains(WeakModel);
        var info = new MatrixFactorizationModelInfo
        {
            StrongModel = hasDefaultPair ? StrongModel : null,
            WeakModel = hasDefaultPair ? WeakModel : null,
            Embedder = embedder ?? (embeddingDimensions == PublishedEmbeddingDimensions ? PublishedEmbedder : null),
            Metadata = file.Metadata,
        };
        return MatrixFactorizationArtifact.Create(file, names, items, new float[names.Length], projection, info);
    }

    /// <summary>Turns rows p into v = c * p / max(|p|, 1e-12), the floor that PyTorch's <c>normalize</c> has: a row of zeros stays one.</summary>
    private static void Scale(float[] items, float[] classifier)
    {
        for (int start = 0; start < items.Length; start += classifier.Length)
        {
            Span<float> row = items.AsSpan(start, classifier.Length);
            double squares = 0;
            foreach (float value in row)
            {
                squares += (double)value * value;
            }

            double norm = Math.Max(Math.Sqrt(squares), SmallestNorm);
            for (int k = 0; k < row.Length; k++)
            {
                row[k] = (float)(classifier[k] * row[k] / norm);
            }
        }
    }

    private static void CheckConfig(string path, int models, int dimensions, int embeddingDimensions, bool hasProjection)
    {
        try
        {
            using JsonDocument config = JsonDocument.Parse(File.ReadAllBytes(path));
            JsonElement root = config.RootElement;
            Check("num_models", models);
            Check("dim", dimensions);
            Check("text_dim", embeddingDimensions);
            Check("num_classes", 1);
            if (root.TryGetProperty("use_proj", out JsonElement useProjection) && useProjection.GetBoolean() != hasProjection)
            {
                throw new InvalidArtifactException(
                    $"its use_proj is {(hasProjection ? "false" : "true")}, but the weights beside it have {(hasProjection ? "a" : "no")} tensor '{ProjectionTensor}'. The two files do not belong together.", path);
            }

            void Check(string key, int expected)
            {
                if (root.TryGetProperty(key, out JsonElement value) && value.GetInt32() != expected)
                {
                    throw new InvalidArtifactException($"its {key} is {value.GetInt32()}, and {expected} fits the weights beside it. The two files do not belong together, or the checkpoint is of a kind that never worked.", path);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidArtifactException($"it is not the configuration of a matrix factorisation ({exception.Message}). Fetch it again, or take it away: the weights suffice.", path, null, exception);
        }
    }
}
