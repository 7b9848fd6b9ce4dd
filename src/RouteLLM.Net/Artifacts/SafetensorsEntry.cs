namespace RouteLLM;

/// <summary>One tensor as a checked header describes it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where its bytes end.</param>
internal readonly record struct SafetensorsEntry(string Name, SafetensorsType Type, long[] Shape, long Begin, long End);
