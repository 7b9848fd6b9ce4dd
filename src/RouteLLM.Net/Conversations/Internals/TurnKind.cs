namespace RouteLLM.Internals;

/// <summary>What a user's message is to a conversation.</summary>
internal enum TurnKind
{
    /// <summary>It says what is wanted.</summary>
    Substance,

    /// <summary>It makes sense only with what came before.</summary>
    FollowUp,

    /// <summary>Thanks, a greeting, or nothing at all.</summary>
    Courtesy,
}
