namespace RouteLLM;

/// <summary>What a bucket of the value 1 adds to the score before normalisation, and to the square of the norm.</summary>
internal readonly record struct LinearTerm(float Weight, float Square);
