namespace RouteLLM.Training;

/// <summary>What the parts of a mixture say of a prompt: the logits of both experts, and the gate, the probability that the prompt is traffic.</summary>
internal readonly record struct MixtureLogits(double Traffic, double Benchmark, double Gate);
