namespace RouteLLM;

/// <summary>Who won a <see cref="Battle"/>.</summary>
public enum BattleWinner
{
    /// <summary>The model listed first (<c>model_a</c>).</summary>
    ModelA,

    /// <summary>The model listed second (<c>model_b</c>).</summary>
    ModelB,

    /// <summary>Neither, whether both were good or both bad (<c>tie</c>, <c>tie (bothbad)</c>).</summary>
    Tie,
}
