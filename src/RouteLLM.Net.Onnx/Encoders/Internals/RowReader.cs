namespace RouteLLM.Onnx;

/// <summary>Takes what is wanted out of the part of a model's output that is one prompt's.</summary>
/// <param name="row">The output for one prompt: <c>[size]</c>, or <c>[sequence, size]</c> with the prompt's tokens first and padding after them.</param>
/// <param name="size">The last dimension.</param>
/// <param name="length">How many tokens the prompt has.</param>
/// <returns>What is wanted.</returns>
internal delegate float[] RowReader(ReadOnlySpan<float> row, int size, int length);
