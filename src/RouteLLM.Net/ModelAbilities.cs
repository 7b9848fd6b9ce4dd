namespace RouteLLM;

/// <summary>What a model can do beyond answering text with text.</summary>
[Flags]
public enum ModelAbilities
{
    /// <summary>Text only.</summary>
    None = 0,

    /// <summary>It calls tools.</summary>
    Tools = 1,

    /// <summary>It reads images.</summary>
    Vision = 2,

    /// <summary>It hears audio.</summary>
    Audio = 4,

    /// <summary>It answers in JSON of a given schema.</summary>
    StructuredOutput = 8,

    /// <summary>It reasons before it answers.</summary>
    Reasoning = 16,
}
