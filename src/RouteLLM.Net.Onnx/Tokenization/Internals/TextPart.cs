namespace RouteLLM.Onnx;

/// <summary>A part of a text: an added token, whose id it has, or what lies between such.</summary>
internal readonly record struct TextPart(int Start, int Length, int? Id);
