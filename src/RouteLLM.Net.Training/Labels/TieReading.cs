namespace RouteLLM.Training;

/// <summary>What a tie between the strong and the weak model says about P(the strong model's answer is better); it should be the reading of the router that is trained, or its threshold means something else.</summary>
public enum TieReading
{
    /// <summary>A tie is not a win: the label is P(strong wins). As the built-in router, BERT routers and Hybrid LLM read it.</summary>
    NotAWin,

    /// <summary>A tie is half a win: the label is P(strong wins) + P(tie) / 2. As similarity-weighted ranking and Bradley-Terry fits read it.</summary>
    HalfWin,

    /// <summary>Ties are left out: the label is P(strong wins | no tie), and what may be a tie counts for less. As RouteLLM's matrix factorisation reads it.</summary>
    Dropped,
}
