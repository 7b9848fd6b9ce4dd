namespace RouteLLM;

/// <summary>What scoring needs of one bucket, side by side so that one access to memory fetches both.</summary>
/// <param name="Score">What the feature adds to the score before normalisation.</param>
/// <param name="Square">What it adds to the square of the norm.</param>
internal readonly record struct FeatureWeight(float Score, float Square);
