namespace RouteLLM.Training;

/// <summary>What a line of the journal records.</summary>
internal enum JournalKind
{
    Answer,
    Judgement,
    Failure,
}
