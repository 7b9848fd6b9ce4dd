namespace RouteLLM.Training;

/// <summary>Why a row got no label.</summary>
public enum LabelDropReason
{
    /// <summary>The strong model has no score, or one that is no finite number.</summary>
    NoStrongScore,

    /// <summary>The weak model has no score, or one that is no finite number.</summary>
    NoWeakScore,

    /// <summary>Neither model has a score.</summary>
    NoScores,

    /// <summary>The prompt is not rated.</summary>
    NoRating,

    /// <summary>The prompt is missing, empty or white space.</summary>
    NoPrompt,

    /// <summary>The battle is one of other models.</summary>
    OtherModels,

    /// <summary>It is a tie, and ties are left out.</summary>
    Tie,
}
