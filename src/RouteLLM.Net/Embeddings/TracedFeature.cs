namespace RouteLLM;

/// <summary>One occurrence of a feature in a text.</summary>
/// <param name="Bucket">The bucket it is hashed to.</param>
/// <param name="Kind">The block it belongs to.</param>
/// <param name="Hash">Its hash, which tells it from others of the same bucket and kind.</param>
/// <param name="FirstToken">The number of the first token it is made of.</param>
/// <param name="TokenCount">How many tokens it is made of.</param>
/// <param name="Label">What it says of these tokens, or what is counted; empty for a feature of the body.</param>
/// <param name="Value">The count of a feature of shape.</param>
internal readonly record struct TracedFeature(int Bucket, FeatureKind Kind, uint Hash, int FirstToken, int TokenCount, string Label, int Value);
