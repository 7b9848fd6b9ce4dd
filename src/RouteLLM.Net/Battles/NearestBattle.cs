namespace RouteLLM;

/// <summary>A battle near a prompt, and how much it had to say in a router's prediction.</summary>
/// <param name="Battle">
/// The battle, with its prompt if the index keeps prompts. Where an index holds scores, it is the battle that the scores of the strong and the weak model make.
/// </param>
/// <param name="Similarity">The cosine of the two prompts' embeddings, in [-1, 1].</param>
/// <param name="Weight">The battle's share of the weight of all that took part in the prediction, in [0, 1].</param>
/// <param name="Row">The battle's row in the index; <see langword="null"/> if it came from a vector store.</param>
public sealed record NearestBattle(Battle Battle, double Similarity, double Weight, int? Row = null);
