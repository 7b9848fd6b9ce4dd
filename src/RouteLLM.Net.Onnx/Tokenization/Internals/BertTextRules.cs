namespace RouteLLM.Onnx;

/// <summary>How BERT's tokenizer treats text before it looks for pieces.</summary>
/// <param name="Lowercase">Whether letters are lower-cased.</param>
/// <param name="StripAccents">Whether accents are dropped.</param>
/// <param name="CleanText">Whether control characters are dropped.</param>
/// <param name="SplitChineseCharacters">Whether every Chinese character is a word.</param>
internal sealed record BertTextRules(bool Lowercase = true, bool StripAccents = true, bool CleanText = true, bool SplitChineseCharacters = true);
