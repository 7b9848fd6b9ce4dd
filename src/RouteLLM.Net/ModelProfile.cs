namespace RouteLLM;

/// <summary>What is known of a route's model: what it costs, holds and can do. What is not known is <see langword="null"/> and removes the model from nothing.</summary>
public sealed record ModelProfile
{
    /// <summary>Gets the profile of a model of which nothing is known.</summary>
    public static ModelProfile Unknown { get; } = new();

    /// <summary>Gets what the model's tokens cost, or <see langword="null"/> if it is not known.</summary>
    public TokenPrice? Price { get; init; }

    /// <summary>Gets how many tokens the model's context window holds, prompt and answer together, or <see langword="null"/> if it is not known.</summary>
    public int? ContextWindow { get; init; }

    /// <summary>Gets what the model can do, or <see langword="null"/> if it is not known: then it is taken to be able to do anything.</summary>
    public ModelAbilities? Abilities { get; init; }

    /// <summary>Gets the tags that rules and constraints may ask for, such as <c>local</c>. None by default.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Gets where the model runs, such as <c>eu</c>, or <see langword="null"/>.</summary>
    public string? Region { get; init; }

    /// <summary>Tells whether the model has a tag.</summary>
    /// <param name="tag">The tag; compared without regard to case.</param>
    /// <returns><see langword="true"/> if it is among <see cref="Tags"/>.</returns>
    public bool HasTag(string tag) => Tags.Contains(tag, StringComparer.OrdinalIgnoreCase);
}
