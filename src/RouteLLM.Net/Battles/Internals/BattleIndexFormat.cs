namespace RouteLLM;

/// <summary>What the reader and the builder of a battle index agree on.</summary>
internal static class BattleIndexFormat
{
    public const string Kind = "battle-index";
    public const string Version = "1";

    public const string KindKey = "kind";
    public const string VersionKey = "version";
    public const string ModelsKey = "models";
    public const string EmbedderKey = "embedder";
    public const string FingerprintKey = "fingerprint";

    /// <summary>F32, F16 or I8 [n, d].</summary>
    public const string Embeddings = "embeddings";

    /// <summary>F64 [n]: the norms of the rows of <see cref="Embeddings"/> as they are stored.</summary>
    public const string Norms = "norms";

    /// <summary>F32 [n], for F16 and I8: what the rows are multiplied with to give the embeddings.</summary>
    public const string Scales = "scales";

    /// <summary>U16 [n]: the model listed first, by its place in the list of models.</summary>
    public const string ModelA = "model_a";

    /// <summary>U16 [n]: the model listed second.</summary>
    public const string ModelB = "model_b";

    /// <summary>U8 [n]: 0 the first won, 1 the second, 2 a tie.</summary>
    public const string Winner = "winner";

    /// <summary>F32 [n, models], in place of the three: the models' scores in [0, 1], NaN where there is none.</summary>
    public const string Scores = "scores";

    /// <summary>U8 [bytes], optional: the prompts in UTF-8, one after the other.</summary>
    public const string Prompts = "prompts";

    /// <summary>I64 [n + 1]: where each prompt begins and the last ends.</summary>
    public const string PromptOffsets = "prompt_offsets";

    public const int MaxModels = ushort.MaxValue + 1;
    public const int MaxRows = 100_000_000;
    public const int MaxDimensions = 1 << 20;

    /// <summary>The keys of the metadata that the format itself uses.</summary>
    public static readonly string[] ReservedKeys = [KindKey, VersionKey, ModelsKey, EmbedderKey, FingerprintKey];
}
