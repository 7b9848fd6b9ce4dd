namespace RouteLLM;

/// <summary>What a <see cref="ScriptedRouter"/> does once its script is used up.</summary>
public enum ScriptEnd
{
    /// <summary>It fails with an <see cref="InvalidOperationException"/> (the default), so that a test notices a call too many.</summary>
    Throw,

    /// <summary>It goes on with the last step of the script.</summary>
    RepeatLast,

    /// <summary>It begins the script again.</summary>
    Cycle,
}
